"""An order's events are a chain: whatever is altered, missing or cut is named by its row."""

from orders.audit.chain import Link, Pin, digest_of, faults


def chained(*texts: str) -> list[Link]:
    links, before = [], ""
    for sequence, text in enumerate(texts, 1):
        digest = digest_of(before, {"text": text})
        links.append(Link(sequence, before, digest, digest))
        before = digest
    return links


ROWS = chained("proposed", "approved", "sending", "filled")
HEAD = ROWS[-1].digest


def found(links, *, head=HEAD, last=4, pins=()):
    return list(faults(links, head=head, last=last, pins=pins))


def test_a_whole_chain_has_no_fault():
    assert found(ROWS, pins=[Pin("the digest", 2, ROWS[1].digest)]) == []


def test_an_order_without_events_has_an_empty_head():
    assert found([], head="", last=0) == []


def test_an_altered_row_is_named():
    altered = [*ROWS[:2], Link(3, ROWS[2].previous, ROWS[2].digest, "other"), ROWS[3]]

    assert found(altered) == ["row 3 was altered"]


def test_a_row_altered_with_its_digest_is_found_by_the_row_after_it():
    digest = digest_of(ROWS[1].digest, {"text": "sent"})
    altered = [*ROWS[:2], Link(3, ROWS[1].digest, digest, digest), ROWS[3]]

    assert found(altered) == ["row 4 does not follow from the row before it: one of them was altered"]


def test_the_last_row_altered_with_its_digest_is_found_by_the_head():
    digest = digest_of(ROWS[2].digest, {"text": "cancelled"})
    altered = [*ROWS[:3], Link(4, ROWS[2].digest, digest, digest)]

    assert found(altered) == ["row 4 is not the one that the order has as its head: one of them was altered"]


def test_missing_rows_are_named():
    assert found([ROWS[0], ROWS[2], ROWS[3]]) == ["row 2 is missing"]
    assert found([ROWS[0], ROWS[3]]) == ["rows 2 to 3 are missing"]
    assert found(ROWS[1:]) == ["row 1 is missing"]


def test_what_was_cut_at_the_end_is_named():
    assert found(ROWS[:2]) == ["rows 3 to 4 are missing"]


def test_an_end_cut_together_with_the_head_is_found_by_what_was_said_of_it():
    said = [Pin("the digest of Monday", 4, HEAD)]

    cut = found(ROWS[:3], head=ROWS[2].digest, last=3, pins=said)

    assert cut == ["row 4 is missing: the digest of Monday holds it"]


def test_a_chain_that_was_written_anew_is_found_by_what_was_said_of_it():
    anew = chained("proposed", "approved", "sending", "cancelled")

    rewritten = found(anew, head=anew[-1].digest, pins=[Pin("the digest of Monday", 4, HEAD)])

    assert rewritten == [
        "row 4 or one before it was altered: the digest of Monday holds another digest of it"
    ]


def test_a_digest_depends_on_the_content_and_on_what_came_before():
    digests = {digest_of("", {"a": 1}), digest_of("", {"a": 2}), digest_of("x", {"a": 1})}

    assert (len(digests), digest_of("x", {"b": 2, "a": 1}) == digest_of("x", {"a": 1, "b": 2})) == (3, True)
