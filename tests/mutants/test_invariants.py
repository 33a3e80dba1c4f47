"""The seven things that always hold. Each proof passes with the product, and fails with every mutant: so it would notice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from . import breaks, proofs

if TYPE_CHECKING:
    from collections.abc import Callable

# (promise of DESIGN.md, its proof, on which database it is told, the mutants that the proof must catch)
GUARDED: list[tuple[int, Callable[[Any], None], str, tuple[Callable[[Any], None], ...]]] = [
    (1, proofs.mail_is_answered_after_its_commit, "stage", (breaks.answers_mail_before_its_commit,)),
    (1, proofs.answered_request_is_stored, "stage", (breaks.answers_before_the_commit,)),
    (2, proofs.interrupted_mail_leaves_once, "stage", (breaks.sends_again_after_a_crash, breaks.notes_no_attempt)),
    (3, proofs.baton_is_accepted_once, "stage", (breaks.accepts_a_baton_twice,)),
    (3, proofs.race_has_one_winner, "team", (breaks.ends_a_step_whatever_it_is,)),
    (3, proofs.writers_of_a_ticket_queue, "team", (breaks.forgets_the_row_lock,)),
    (4, proofs.recorded_ledgers_stay_as_they_are, "stage", (breaks.opens_a_step_again,)),
    (4, proofs.recorded_histories_replay, "stage", (breaks.waits_before_it_looks,)),
    (
        5,
        proofs.customer_reads_only_their_own,
        "stage",
        (breaks.shows_internal_comments, breaks.shows_other_customers_words, breaks.opens_any_request),
    ),
    (5, proofs.stranger_joins_no_thread, "stage", (breaks.lets_strangers_join,)),
    (6, proofs.refused_forms_keep_their_words, "stage", (breaks.form_drops_its_words, breaks.reply_is_dropped)),
    (7, proofs.lists_ask_once, "stage", (breaks.asks_for_each_row,)),
]
PROOFS = [pytest.param(proof, on, id=f"{n}-{proof.__name__}") for n, proof, on, _mutants in GUARDED]
MUTANTS = [
    pytest.param(proof, on, mutant, id=f"{n}-{mutant.__name__}")
    for n, proof, on, mutants in GUARDED
    for mutant in mutants
]


@pytest.mark.parametrize(("proof", "on"), PROOFS)
def test_product_keeps_its_promise(proof: Any, on: str, request: pytest.FixtureRequest) -> None:
    proof(request.getfixturevalue(on))


@pytest.mark.parametrize(("proof", "on", "mutant"), MUTANTS)
def test_mutant_is_caught(
    proof: Any, on: str, mutant: Any, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = request.getfixturevalue(on)
    mutant(monkeypatch)
    with pytest.raises(AssertionError):
        proof(stage)


def test_every_promise_is_guarded() -> None:
    assert {number for number, *_rest in GUARDED} == set(range(1, 8))
