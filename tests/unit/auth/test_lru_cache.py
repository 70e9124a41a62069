from coupon_server.lru import LruCache


def test_forgets_what_was_used_least_recently() -> None:
    cache: LruCache[str, int] = LruCache(2)
    cache.put("a", 1)
    cache.put("b", 2)
    assert cache.get("a") == 1

    cache.put("c", 3)

    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (1, None, 3)


def test_replacing_counts_as_a_use_and_takes_no_more_room() -> None:
    cache: LruCache[str, int] = LruCache(2)
    cache.put("a", 1)
    cache.put("b", 2)
    cache.put("a", 3)
    cache.put("c", 4)

    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (3, None, 4)


def test_clear_forgets_everything() -> None:
    cache: LruCache[str, int] = LruCache(2)
    cache.put("a", 1)
    cache.clear()

    assert cache.get("a") is None


def test_entries_can_be_weighed() -> None:
    cache: LruCache[str, str] = LruCache(10, len)
    cache.put("a", "1234")
    cache.put("b", "1234")
    cache.put("a", "12345")
    assert (cache.get("a"), cache.get("b")) == ("12345", "1234")

    cache.put("c", "1234567")

    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (None, None, "1234567")
    cache.clear()
    cache.put("d", "1" * 10)
    assert cache.get("d")
