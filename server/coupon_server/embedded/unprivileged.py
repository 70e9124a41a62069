"""Runs a program as a given user, and ends it with its parent.

    python -I -S unprivileged.py UID GID PARENT_PID SIGNAL PROGRAM [ARGUMENT...]

PostgreSQL refuses to run as root. An unprivileged user, however, often can't reach the
program or its data: a checkout may lie below a directory of mode 0700, such as /root or what
`mktemp -d` makes. So the one capability that lets a process pass such directories stays in the
*ambient* set (capabilities(7)), which survives the change of user and the exec. PostgreSQL's
programs look for each other with access(2), which disregards the capabilities of ordinary users
unless SECBIT_NO_SETUID_FIXUP is set.

The program is a process of its own between parent and server, rather than a `preexec_fn`,
because no Python code is safe between fork and exec once the parent has threads. It imports
nothing but the standard library. Outside Linux it only executes the program.
"""

import ctypes
import os
import struct
import sys

# <linux/prctl.h>, <linux/securebits.h>, <linux/capability.h>
_PR_SET_PDEATHSIG = 1
_PR_CAPBSET_READ = 23
_PR_SET_SECUREBITS = 28
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_SECBIT_NO_SETUID_FIXUP = 4
_CAP_DAC_OVERRIDE = 1
_CAP_DAC_READ_SEARCH = 2
_CAP_SETPCAP = 8
_CAPABILITY_VERSION_3 = 0x20080522


def _call(name: str, *arguments: object) -> int:
    result: int = getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")
    return result


def _prctl(option: int, *arguments: int) -> int:
    padded = (*arguments, 0, 0, 0, 0)[:4]
    return _call("prctl", option, *map(ctypes.c_ulong, padded))


def _searching_capability() -> int | None:
    """The weakest available capability that passes directories of others.

    CAP_DAC_READ_SEARCH only reads; containers commonly grant CAP_DAC_OVERRIDE alone.
    """
    if sys.platform != "linux" or not _prctl(_PR_CAPBSET_READ, _CAP_SETPCAP):
        return None
    for capability in (_CAP_DAC_READ_SEARCH, _CAP_DAC_OVERRIDE):
        if _prctl(_PR_CAPBSET_READ, capability):
            return capability
    return None


def _keep_only(capability: int) -> None:
    mask = 1 << capability
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    # Effective, permitted, inheritable; each a low word, then each a high word.
    _call("capset", header, struct.pack("6I", mask, mask, mask, 0, 0, 0))
    _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability)


def _become(uid: int, gid: int) -> None:
    capability = _searching_capability()
    if capability is not None:
        # Also keeps the capabilities over setuid().
        _prctl(_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP)
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    if capability is not None:
        _keep_only(capability)


def _die_with(parent: int, signal: int) -> None:
    """Must follow the change of user, which clears the setting."""
    if sys.platform == "linux":
        _prctl(_PR_SET_PDEATHSIG, signal)
    if os.getppid() != parent:
        sys.exit("the parent process has ended")


def main() -> None:
    uid, gid, parent, signal = map(int, sys.argv[1:5])
    program, *arguments = sys.argv[5:]
    if uid != os.geteuid():
        _become(uid, gid)
    _die_with(parent, signal)
    try:
        os.execv(program, [program, *arguments])  # noqa: S606 — replacing the process is the point
    except PermissionError:
        sys.exit(
            f"{program}: the user with id {uid} can't execute this file, and the capabilities to"
            " pass the directories above it (CAP_SETPCAP and CAP_DAC_READ_SEARCH or"
            " CAP_DAC_OVERRIDE) are missing: run as an ordinary user, or let others search them"
        )


if __name__ == "__main__":
    main()
