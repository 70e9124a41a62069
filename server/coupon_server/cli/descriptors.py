"""`coupons descriptors`."""

from pathlib import Path

import click

from coupon_server.rpc.rest.descriptors import descriptor_set
from coupon_server.rpc.server import SERVICES


@click.command()
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("coupons.binpb"),
    show_default=True,
    help="The file to write.",
)
def descriptors(output: Path) -> None:
    """Write the contract as a descriptor set, for a transcoding proxy.

    \b
    Envoy's gRPC-JSON transcoder names it as `proto_descriptor`; gateway/envoy.yaml
    shows how. Write it anew with every version of the service.

    \b
    Example:
      coupons descriptors --output coupons.binpb
    """
    try:
        output.write_bytes(descriptor_set(SERVICES))
    except OSError as error:
        raise click.ClickException(f"{output}: {error.strerror}") from error
    click.echo(f"Wrote {output}.")
