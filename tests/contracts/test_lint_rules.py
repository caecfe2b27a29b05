"""Rules of the house that a linter does not know, kept by reading the source."""

from __future__ import annotations

from collections.abc import Mapping

from tests.contracts.source import calls, imports, mentions, modules

CUSTODIANS: Mapping[str, str] = {
    "handover.actions.programmes": "birth: no standing exists before the first one is written",
    "handover.actions.evidence": "transfer: who only reads leaves a trace when opening what names people",
    "handover.actions.executions": "transfer: standings of both sides change inside one transaction",
    "handover.actions.transfers": "transfer: a receiver that refuses ends its own standing and grants",
    "handover.actions.giving_back": "transfer, the other way: the giver only reads by now, and signs",
    "handover.actions.successions": "transfer by law: an act moves every programme of those who merge or split",
    "handover.actions.papers": "transfer, after its end: the giver only reads by now, and its papers come back signed",
    "handover.actions.jobs": "jobs: their bookkeeping, where who asked lost their standing or only reads; not the work",
    "handover.api.programmes": "verification, by whoever may read the ledger",
    "handover.management.commands.verify": "verification, for an operator who stands to no programme",
}
"""Who may lift the wall for one programme, and why. An entry is added by review, with its reason."""

BANNED: Mapping[str, str] = {
    "assign_perm": "set-based grants in handover.actions.permissions",
    "bulk_assign_perm": "set-based grants in handover.actions.permissions",
    "remove_perm": "set-based grants in handover.actions.permissions",
    "get_objects_for_user": "handover.access.programme_ids, then a filter",
    "get_objects_for_group": "handover.access.programme_ids, then a filter",
    "get_perms": "handover.access.permissions_on",
    "ObjectPermissionChecker": "handover.access.permissions_on",
}

NO_REST = ("models", "actions", "queries", "access", "ledger", "exchange", "holdings", "permissions")
WRITES_LEDGER = ("actions",)


def _room(module: str) -> str:
    """Give the second part of a dotted name: ``actions`` of ``indicators.actions.values``."""
    return [*module.split("."), ""][1]


def test_only_reviewed_modules_lift_the_wall() -> None:
    found = {
        module.name
        for module in modules()
        for name, _ in calls(module.tree)
        if name in ("custody", "access.custody", "handover.access.custody")
    }
    assert found - CUSTODIANS.keys() == set(), "custody() lifts row level security: say here why it may"
    assert CUSTODIANS.keys() - found == set(), "an exception that nothing needs any more"


def test_nobody_takes_custody_under_another_name() -> None:
    aliased = [
        f"{module.name}:{line}"
        for module in modules()
        if module.name not in {*CUSTODIANS, "handover.access"}
        for line in mentions(module.tree, "custody")
    ]
    assert aliased == []


def test_nobody_speaks_to_the_wall_but_access_and_the_clock() -> None:
    allowed = {"handover.access", "handover.clock", "handover.engine.roles"}
    found = [
        module.name
        for module in modules()
        if not module.is_migration
        and module.name not in allowed
        and "set_config" in module.path.read_text("utf-8")
    ]
    assert found == [], "who is asking is said by access alone"


def test_guardians_shortcuts_are_never_used_bare() -> None:
    found = [
        f"{module.name}:{line} uses {name}: take {instead}"
        for module in modules()
        for name, instead in BANNED.items()
        for line in mentions(module.tree, name)
    ]
    assert found == []


def test_only_actions_write_the_ledger() -> None:
    writers = {"handover.ledger", *(m.name for m in modules() if _room(m.name) in WRITES_LEDGER)}
    recorded = [
        f"{module.name}:{line}"
        for module in modules()
        if module.name not in writers
        for name, line in calls(module.tree)
        if name in ("ledger.record", "handover.ledger.record")
    ]
    imported = [
        f"{module.name}:{line}"
        for module in modules()
        if module.name not in writers
        for name, line in imports(module.tree)
        if name == "handover.ledger.record" or (name == "handover.ledger" and not module.is_migration)
    ]
    assert recorded + imported == []


def test_ledger_entries_are_made_in_one_place() -> None:
    made = [
        f"{module.name}:{line}"
        for module in modules()
        if module.name != "handover.ledger"
        for name, line in calls(module.tree)
        if name.endswith(("LedgerEntry", "LedgerEntry.objects.create", "LedgerEntry.objects.bulk_create"))
    ]
    assert made == []


def test_pandas_lives_in_frames_alone() -> None:
    found = [
        f"{module.name}:{line}"
        for module in modules()
        if module.name != "indicators.frames"
        for name, line in imports(module.tree, typing_too=False)
        if name.partition(".")[0] in {"pandas", "numpy"}
    ]
    assert found == []


def test_the_core_knows_no_rest_framework() -> None:
    found = [
        f"{module.name}:{line}"
        for module in modules()
        if _room(module.name) in NO_REST
        for name, line in imports(module.tree)
        if name.partition(".")[0] == "rest_framework"
    ]
    assert found == []


def test_the_guard_is_lifted_by_the_action_decorator_alone() -> None:
    found = {
        module.name
        for module in modules()
        for name, _ in calls(module.tree)
        if name in ("writing", "guard.writing")
    }
    assert found <= {"handover.actions"}


def test_every_public_function_of_an_actions_module_asks_who_acts() -> None:
    import ast

    silent = [
        f"{module.name}.{node.name}"
        for module in modules()
        if _room(module.name) == "actions"
        for node in module.tree.body
        if isinstance(node, ast.FunctionDef)
        and any(name.id == "action" for name in node.decorator_list if isinstance(name, ast.Name))
        and not any(argument.arg == "by" for argument in node.args.kwonlyargs)
    ]
    assert silent == []
