"""Long answers may be kept, but never beyond a change of rows."""

from starlette.responses import Response

from d365_pm.sandbox.page_cache import PageCache

LONG = Response(b"x" * 60_000, headers={"Content-Type": "application/json"})


def test_the_same_question_gets_the_same_answer():
    cache = PageCache(2)
    cache.keep(("incidents", 1), LONG)

    found = cache.find(("incidents", 1))

    assert (found.body, found.headers["content-type"]) == (LONG.body, "application/json")
    assert cache.find(("incidents", 2)) is None


def test_short_answers_and_refusals_are_not_kept():
    cache = PageCache(2)
    cache.keep("short", Response(b"x"))
    cache.keep("refused", Response(b"x" * 60_000, 400))

    assert cache.find("short") is None
    assert cache.find("refused") is None


def test_the_answer_used_longest_ago_goes_first():
    cache = PageCache(2)
    for key in "ab":
        cache.keep(key, LONG)
    cache.find("a")
    cache.keep("c", LONG)

    assert cache.find("b") is None
    assert cache.find("a") is not None
