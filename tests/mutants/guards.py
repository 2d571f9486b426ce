"""The guards: where each stands, what is left without it, and the tests that have to fail then."""

from dataclasses import dataclass

SIMULATION = "tests/simulation/test_simulation.py"
SEEDS = "tests/simulation/test_seeds.py"
EXECUTION = "tests/orders/test_execution.py"
OLD_DECISIONS = "tests/orders/test_old_decisions.py"
INTENTS = "tests/orders/test_intents.py"
ABSENCE = "tests/orders/test_absence.py"
READINGS = "tests/orders/test_readings.py"
OBEYING = "tests/orders/test_obeying.py"


@dataclass(frozen=True, slots=True)
class Guard:
    """`held` stands exactly once in `path`; `gone` takes its place in the mutant."""

    name: str
    path: str
    held: str
    gone: str
    tests: tuple[str, ...]


def machine(name: str, module: str, held: str, gone: str, *tests: str) -> Guard:
    first = {
        "leases": (INTENTS,),
        "intents": (INTENTS,),
        "absence": (ABSENCE,),
        "readings": (READINGS,),
        "pairs": (READINGS,),
        "obeying": (OBEYING,),
    }.get(module, ())
    return Guard(name, f"orders/machine/{module}.py", held, gone, (*first, *(tests or (SIMULATION,))))


GUARDS = (
    # the lease and the version
    machine(
        "lease",
        "leases",
        "if order.lease != lease:\n        raise",
        "if False:\n        raise",
        SIMULATION,
        OLD_DECISIONS,
    ),
    machine("lease's end", "leases", "or order.leased_until < now:", "or False:", OLD_DECISIONS, EXECUTION),
    Guard(
        "version",
        "orders/execution.py",
        "filter(pk=order_id, version=version)",
        "filter(pk=order_id)",
        (EXECUTION,),
    ),
    Guard(
        "due",
        "orders/execution.py",
        "Order.objects.due(now).order_by().filter(",
        "Order.objects.filter(",
        (EXECUTION, OLD_DECISIONS),
    ),
    machine(
        "void moves",
        "obeying",
        "now if turn.has_changed(order) else change(order, now)",
        "change(order, now)",
    ),
    # an intent
    machine(
        "one live placement",
        "intents",
        "if work.live() or move.quantity",
        "if move.quantity",
        OLD_DECISIONS,
        EXECUTION,
    ),
    machine(
        "reservation",
        "intents",
        "or move.quantity > order.leaves_quantity:",
        "or False:",
        OLD_DECISIONS,
        "tests/orders/test_late_fills.py",
    ),
    machine(
        "wish to cancel",
        "intents",
        "if order.cancel_requested_by or order.amendment:",
        "if False:",
        SEEDS,
        OLD_DECISIONS,
        EXECUTION,
    ),
    machine(
        "fresh quote",
        "intents",
        "if quote is not None and (now - quote",
        "if False and (now - quote",
        OLD_DECISIONS,
    ),
    machine(
        "session",
        "intents",
        "if not order.is_exit and not desk.is_in_session(now):",
        "if False:",
        OLD_DECISIONS,
    ),
    machine(
        "whole replacement",
        "intents",
        "or live[0].filled_quantity:",
        "or False:",
        "tests/orders/test_replacing.py",
        OLD_DECISIONS,
    ),
    Guard(
        "send deadline",
        "orders/brokers/records.py",
        "if self.send_before and",
        "if False and",
        (
            "tests/orders/brokers/test_records.py",
            "tests/orders/brokers/test_outcomes_over_the_wire.py",
        ),
    ),
    Guard(
        "trading state and limits",
        "orders/desk_now.py",
        "return looking.sending_refusal(order) or",
        "return None and",
        (OLD_DECISIONS, "tests/orders/test_intent_controls.py"),
    ),
    # unknown outcomes
    machine(
        "unknown is no answer",
        "outcomes",
        "else (P.UNKNOWN, outcome.cause)",
        "else (P.NOT_SENT, outcome.cause)",
        SIMULATION,
    ),
    machine(
        "a dead worker's placement",
        "outcomes",
        'placement.move_to(P.UNKNOWN, now=now, cause="the worker',
        'placement.move_to(P.NOT_SENT, now=now, cause="the worker',
        EXECUTION,
    ),
    machine(
        "three listings",
        "absence",
        "if placement.absent_reads >= desk.waits.absence_reads:",
        "if placement.absent_reads:",
        EXECUTION,
    ),
    machine("spacing of listings", "absence", "or early or too_soon:", "or early:", EXECUTION),
    machine("held requests", "absence", "or early or too_soon:", "or too_soon:", EXECUTION, SIMULATION),
    machine("stream since", "absence", "if not desk.is_stream_up(now, since=first):", "if False:", EXECUTION),
    machine(
        "whole listings",
        "absence",
        "return listing.is_complete and not listing.unreadable",
        "return True",
        EXECUTION,
    ),
    Guard(
        "no way from unknown to a send",
        "orders/lifecycle.py",
        "P.UNKNOWN: frozenset({P.WORKING,",
        "P.UNKNOWN: frozenset({P.PLANNED, P.WORKING,",
        ("tests/orders/test_lifecycle.py",),
    ),
    Guard(
        "terminal is final",
        "orders/lifecycle.py",
        "P.CANCELLED: frozenset({P.CANCELLING}),",
        "P.CANCELLED: frozenset({P.CANCELLING, P.WORKING}),",
        ("tests/orders/test_lifecycle.py",),
    ),
    # fills
    machine(
        "a fill counts once",
        "readings",
        "if fill.fill_id in work.known_fill_ids:\n        return False\n",
        "",
    ),
    machine(
        "older readings",
        "pairs",
        "return lead < 0 or (",
        "return False and (",
        EXECUTION,
        "tests/orders/test_late_fills.py",
    ),
    machine(
        "filled by its fills",
        "readings",
        "(P.FILLED if placement.filled_quantity >= placement.quantity else None)",
        "P.FILLED",
        EXECUTION,
        "tests/orders/test_late_fills.py",
        SIMULATION,
    ),
    machine(
        "read again after a cancel",
        "turn",
        "return is_last and placement.status is P.CANCELLED",
        "return False",
        "tests/orders/test_late_fills.py",
        EXECUTION,
    ),
    Guard(
        "remainder",
        "orders/plan.py",
        "Place(rung, price, order.leaves)",
        "Place(rung, price, order.quantity)",
        (EXECUTION,),
    ),
    Guard(
        "more working than is left",
        "orders/plan.py",
        "if placement.quantity - placement.filled_quantity > order.leaves and",
        "if False and",
        ("tests/orders/test_late_fills.py",),
    ),
    machine(
        "zombies",
        "turn",
        "return [p for p in work.live() if p.is_zombie]",
        "return []",
        "tests/orders/test_zombies.py",
    ),
    machine(
        "zombies after an end of our own",
        "readings",
        "return status not in {P.FILLED, P.REPLACED} and not pairs.is_older(reading, known)",
        "return status in {P.NOT_PLACED, P.NOT_SENT} and not pairs.is_older(reading, known)",
        "tests/orders/test_zombies.py",
    ),
    machine(
        "only a newer word raises what was told gone",
        "readings",
        "reading.phase is not Phase.TERMINAL and pairs.is_newer(reading, known)",
        "reading.phase is not Phase.TERMINAL",
        "tests/orders/test_zombies.py",
    ),
    machine(
        "an older word moves nothing",
        "readings",
        " or (not placement.halves and pairs.is_older(reading, placement))",
        "",
        "tests/orders/test_any_readings.py",
    ),
    machine(
        "the half that a filled pair leaves over",
        "readings",
        "    if placement.halves:\n        _tell_of_left_half",
        "    if False:\n        _tell_of_left_half",
        "tests/orders/test_living_on.py",
    ),
    machine(
        "of one millisecond the end stays",
        "pairs",
        "lead == 0 and known.broker_status in TERMINAL_STATUSES",
        "False and known.broker_status in TERMINAL_STATUSES",
        "tests/orders/test_living_on.py",
    ),
    machine(
        "a walk that was over waits for a person",
        "readings",
        "if is_walk_over and",
        "if False and",
        "tests/orders/test_living_on.py",
    ),
    machine(
        "a price's wait, where its worker died",
        "intents",
        "    order.step_due_at = now + timedelta(seconds=order.wait_seconds)\n",
        "",
        EXECUTION,
    ),
    Guard(
        "a database that went away",
        "orders/reconciliation/breaks.py",
        "(OperationalError, InterfaceError, InternalError)",
        "(OperationalError, InterfaceError)",
        ("tests/orders/test_books.py",),
    ),
    machine(
        "a hold decided on an older order",
        "obeying",
        "reschedule(order, now if turn.has_changed(order) else change(order, now), now=now)",
        "reschedule(order, change(order, now), now=now)",
        SEEDS,
    ),
    machine(
        "an outage past the patience", "leases", "needs_review or is_impatient", "needs_review", EXECUTION
    ),
    Guard(
        "reviewed as it was seen",
        "orders/requests.py",
        "if order.needs_review and order.version != version:",
        "if False:",
        ("tests/orders/test_admin.py",),
    ),
    # exits, amendments, limits
    machine(
        "both halves end",
        "pairs",
        "    if any(half.broker_status not in ENDS for half in placement.halves):\n"
        '        return None, ""\n'
        "    found = {ENDS[half.broker_status]: half.reject_reason for half in placement.halves}",
        "    ended = [half for half in placement.halves if half.broker_status in ENDS]\n"
        '    if not ended:\n        return None, ""\n'
        "    found = {ENDS[half.broker_status]: half.reject_reason for half in ended}",
        SIMULATION,
    ),
    machine(
        "an overfill is told",
        "readings",
        "if order.filled_quantity > order.quantity:",
        "if False:",
        SIMULATION,
    ),
    Guard(
        "amended with nothing live",
        "orders/plan.py",
        "    if order.is_cancel_wanted or order.amend_reason:\n        return Cancel(",
        "    if order.amend_reason:\n        return AskAgain(order.amend_reason)\n"
        "    if order.is_cancel_wanted:\n        return Cancel(",
        (SIMULATION,),
    ),
    machine(
        "a held request is waited for",
        "absence",
        "seconds=waits.call + waits.absence_grace)",
        "seconds=0)",
        SEEDS,
    ),
    Guard(
        "an exit whose bundle we took back",
        "orders/exits.py",
        " or was_taken_back(order, entry):",
        ":",
        ("tests/orders/test_exits.py",),
    ),
    Guard(
        "in flight counts",
        "orders/controls/exposure.py",
        '"POSITION_EXCEEDS_MAXIMUM",\n        held + reserved + asked <= most,',
        '"POSITION_EXCEEDS_MAXIMUM",\n        held + asked <= most,',
        (SIMULATION,),
    ),
    # who may, and where
    Guard(
        "four eyes",
        "orders/approval.py",
        "if settings.FOUR_EYES and order.trader.user_id == user.pk:",
        "if False:",
        ("tests/orders/test_approval.py",),
    ),
    Guard(
        "frozen bound",
        "orders/approval.py",
        "if better(bound, asked, Side(order.side)) != bound:",
        "if False:",
        ("tests/orders/test_approval.py",),
    ),
    Guard(
        "sealed hosts",
        "orders/brokers/sealing.py",
        'raise HostNotSealed(f"{self.environment} may',
        'return  # (f"{self.environment} may',
        ("tests/orders/brokers/test_sealing.py",),
    ),
    Guard(
        "environment's keys",
        "desk/environments.py",
        "return Verdict(CODE, not sentence,",
        "return Verdict(CODE, True,",
        ("tests/desk/test_environments.py", "tests/orders/test_approval.py", EXECUTION),
    ),
    Guard(
        "message rate",
        "orders/controls/at_intent.py",
        "if verdict.is_ok:\n        state.tokens",
        "if False:\n        state.tokens",
        ("tests/orders/test_intent_controls.py",),
    ),
)
