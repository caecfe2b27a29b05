"""The walls as PostgreSQL's catalogue shows them, whatever the models say."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import psycopg
import pytest
from django.db import DatabaseError, connection

from handover import engine
from tests.conftest import OwnerSql
from tests.contracts import catalogue, world
from tests.contracts.families import (
    APPEND_ONLY,
    AUDIT,
    LEDGER,
    ORGANISATION,
    PARTIES,
    SHARED,
    key_of,
    programme_tables,
)

pytestmark = pytest.mark.django_db

GLOBALLY_UNIQUE: Mapping[str, str] = MappingProxyType(
    {
        "handover_programme_uuid_key": "a programme's address; random, so that it tells nothing",
        "handover_programme_identifier": "per steward, who founded both",
        "handover_legalrepresentative_uuid_key": "an address; random, so that it tells nothing",
        "handover_accesstoken_uuid_key": "an address; random, so that it tells nothing",
        "handover_accesstoken_digest_key": "of 256 random bits: whoever can repeat one has the key",
        "handover_invitation_uuid_key": "an address; random, so that it tells nothing",
        "handover_invitation_digest_key": "of 256 random bits: whoever can repeat one has the link",
        "handover_webhook_uuid_key": "an address; random, so that it tells nothing",
        "handover_webhookdelivery_uuid_key": "an address; random, so that it tells nothing",
        "handover_provisioneduser_uuid_key": "an address; random, so that it tells nothing",
        "handover_provisionedgroup_uuid_key": "an address; random, so that it tells nothing",
        "handover_reorganisation_uuid_key": "an address; random, so that it tells nothing",
        "handover_reorganisationparty_uuid_key": "an address; random, so that it tells nothing",
        "handover_reorganisationpart_uuid_key": "an address; random, so that it tells nothing",
        "handover_reorganisationsignoff_uuid_key": "an address; random, so that it tells nothing",
    }
)
"""Unique keys of walled tables that reach over the wall, and why they give nothing away."""


def _web() -> str:
    return engine.addresses().web.user


def _owner() -> str:
    return engine.addresses().owner.user


def _wall(key: str, sees: str, writes: str) -> dict[str, catalogue.Policy]:
    """Give the five policies of a walled table. The doubled parentheses are what makes the array one InitPlan."""

    def of(function: str) -> str:
        return f"({key} = ANY (( SELECT {function}() AS {function})::bigint[]))"

    return {
        "own": catalogue.Policy("*", _owner(), "true", "true"),
        "see": catalogue.Policy("r", _web(), of(sees), ""),
        "add": catalogue.Policy("a", _web(), "", of(writes)),
        "change": catalogue.Policy("w", _web(), of(writes), of(writes)),
        "remove": catalogue.Policy("d", _web(), of(writes), ""),
    }


def _audit(table: str) -> dict[str, catalogue.Policy]:
    """Give the two policies by which an auditor writes a table of the audit."""
    if table not in AUDIT:
        return {}
    mine = "(programme_id = ANY (( SELECT audited_programmes() AS audited_programmes)::bigint[]))"
    return {
        "audit_add": catalogue.Policy("a", _web(), "", mine),
        "audit_change": catalogue.Policy("w", _web(), mine, mine),
    }


def test_every_table_is_in_exactly_one_family() -> None:
    families = [set(programme_tables()), set(ORGANISATION), set(PARTIES), set(SHARED), set(LEDGER)]
    everybody = [table for family in families for table in family]
    assert set(everybody) == catalogue.tables()
    assert len(everybody) == len(set(everybody))


def test_every_table_of_a_programme_is_walled_by_its_programme() -> None:
    wrong = {}
    for table in programme_tables():
        key = key_of(table)
        wall = _wall(key, "reachable_programmes", "writable_programmes") | _audit(table)
        expected = ((True, True), True, wall)
        found = (catalogue.walled(table), catalogue.columns(table)[key], catalogue.policies(table))
        if found != expected:
            wrong[table] = found
    assert wrong == {}


def test_every_table_of_an_organisation_is_walled_by_its_organisation() -> None:
    for table in ORGANISATION:
        assert catalogue.walled(table) == (True, True)
        assert catalogue.columns(table)["organisation_id"]
        assert catalogue.policies(table) == _wall("organisation_id", "my_organisations", "my_organisations")


def test_tables_of_parties_are_seen_by_parties_and_written_by_whom_it_concerns() -> None:
    mine = "ANY (( SELECT my_reorganisations() AS my_reorganisations)::bigint[])"
    own = "ANY (( SELECT my_organisations() AS my_organisations)::bigint[])"
    for table in PARTIES:
        found = catalogue.policies(table)
        assert catalogue.walled(table) == (True, True), table
        assert mine in found["see"].using, table
        assert "remove" not in found, table
    assert own in catalogue.policies("handover_reorganisation")["add"].check
    for table in ("handover_reorganisationpart", "handover_reorganisationsignoff"):
        assert own in catalogue.policies(table)["add"].check
        assert "executed" not in catalogue.policies(table)["see"].using
    assert own in catalogue.policies("handover_reorganisationpart")["change"].using
    assert "change" not in catalogue.policies("handover_reorganisationsignoff")


def test_the_ledger_is_walled_by_programme_and_by_organisation() -> None:
    (table,) = LEDGER
    found = catalogue.policies(table)
    assert catalogue.walled(table) == (True, True)
    assert found.keys() == {"own", "see", "add", "audit_add"}, (
        "nobody changes or removes an entry, so no policy lets anybody"
    )
    assert "reachable_programmes()" in found["see"].using
    assert "writable_programmes()" in found["add"].check
    assert "audited_programmes()" in found["audit_add"].check
    assert "starts_with" in found["audit_add"].check
    assert all("my_organisations()" in text for text in (found["see"].using, found["add"].check))


def test_no_shared_table_pretends_to_have_a_wall() -> None:
    assert [table for table in SHARED if catalogue.walled(table) != (False, False)] == []


def test_every_key_between_two_rows_of_a_programme_is_bound_to_the_programme() -> None:
    family = set(programme_tables()) - {"handover_programme"}
    keys = [key for key in catalogue.foreign_keys() if key.child in family and key.parent in family]
    bound = {
        (key.child, own, key.parent)
        for key in keys
        for own, target in zip(key.columns, key.targets, strict=True)
        if target == "id" and ("programme_id", "programme_id") in zip(key.columns, key.targets, strict=True)
    }
    loose = {(key.child, key.columns[0], key.parent) for key in keys if len(key.columns) == 1} - bound
    assert loose == set(), "a foreign-key check ignores row level security: bind it with handover_bind"


def test_no_unique_key_reaches_over_the_wall() -> None:
    """A unique key holds its programme, or a key that is bound to one: otherwise it tells what another tenant has."""
    walled = {*programme_tables(), *ORGANISATION, *PARTIES}
    bound = {
        (key.child, column)
        for key in catalogue.foreign_keys()
        if "programme_id" in key.columns and "programme_id" in key.targets
        for column in key.columns
    }
    reaching = {
        name
        for table, name, columns in catalogue.unique_keys()
        if table in walled and not columns & {"programme_id", "organisation_id", "reorganisation_id"}
        if not any((table, column) in bound for column in columns)
    }
    assert reaching - GLOBALLY_UNIQUE.keys() == set()
    assert GLOBALLY_UNIQUE.keys() - reaching == set(), "an exception that nothing needs any more"


def test_the_tests_run_as_the_web_role() -> None:
    assert catalogue.ask("SELECT session_user::text, current_user::text") == [(_web(), _web())]


def test_the_web_role_owns_nothing_and_may_become_nobody() -> None:
    owned = catalogue.ask(
        """
        SELECT 'relation', relname FROM pg_class WHERE pg_has_role(session_user, relowner, 'MEMBER')
        UNION ALL SELECT 'function', proname FROM pg_proc WHERE pg_has_role(session_user, proowner, 'MEMBER')
        UNION ALL SELECT 'schema', nspname FROM pg_namespace WHERE pg_has_role(session_user, nspowner, 'MEMBER')
        UNION ALL SELECT 'type', typname FROM pg_type WHERE pg_has_role(session_user, typowner, 'MEMBER')
        UNION ALL SELECT 'database', datname FROM pg_database WHERE pg_has_role(session_user, datdba, 'MEMBER')
        """
    )
    may = catalogue.ask(
        """
        SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolreplication OR rolcreatedb,
               has_schema_privilege('public', 'CREATE'), has_parameter_privilege('session_replication_role', 'SET'),
               EXISTS (SELECT FROM pg_auth_members WHERE member = pg_roles.oid)
          FROM pg_roles WHERE rolname = session_user
        """
    )
    assert owned == []
    assert may == [(False, False, False, False)]


def test_the_web_role_may_neither_truncate_nor_hang_triggers_on_anything() -> None:
    able = [
        (table, privilege)
        for table in sorted(catalogue.tables())
        for privilege in ("TRUNCATE", "TRIGGER", "REFERENCES")
        if catalogue.ask("SELECT has_table_privilege(%s, %s)", (table, privilege)) == [(True,)]
    ]
    assert able == []


def test_functions_that_look_over_the_wall_cannot_be_led_astray() -> None:
    """A definer function runs with the owner's rights: nothing of the caller's may come first in its search path."""
    astray = catalogue.ask(
        """
        SELECT p.oid::regprocedure::text FROM pg_proc p
         WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef
           AND NOT coalesce(p.proconfig, '{}')
                   && ARRAY['search_path=pg_catalog, public, pg_temp', 'search_path=pg_catalog, pg_temp']
        """
    )
    assert astray == []


def test_the_functions_that_build_walls_are_the_owners_alone() -> None:
    open_to_web = catalogue.ask(
        """
        SELECT oid::regprocedure::text FROM pg_proc
         WHERE pronamespace = 'public'::regnamespace AND has_function_privilege(oid, 'EXECUTE')
           AND (proname IN ('handover_wall', 'handover_bind', 'handover_insert_only')
                OR prorettype = 'trigger'::regtype AND proname LIKE 'handover%%')
        """
    )
    assert open_to_web == []


def test_the_web_role_writes_no_leaf_of_the_log_itself() -> None:
    assert catalogue.ask(
        "SELECT has_table_privilege('handover_logleaf', 'INSERT, UPDATE, DELETE'),"
        " has_any_column_privilege('handover_logleaf', 'INSERT')"
    ) == [(False, False)]


@pytest.mark.parametrize("function", ["handover_ledger_seal", "handover_refuse", "handover_stays"])
def test_the_web_role_cannot_hang_the_triggers_on_a_table_of_its_own(function: str) -> None:
    """The seal runs with the owner's rights: on a table of one's own it would move a foreign chain's head."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE own (programme_id bigint, organisation_id bigint, body text)")
        with pytest.raises(DatabaseError, match="permission denied for function"):
            cursor.execute(
                f"CREATE TRIGGER own BEFORE INSERT ON own FOR EACH ROW EXECUTE FUNCTION {function}()"
            )


@pytest.mark.django_db(transaction=True)
def test_the_seal_seals_nothing_but_the_ledger(owner_sql: OwnerSql) -> None:
    owner_sql("CREATE TEMP TABLE own (programme_id bigint, organisation_id bigint, body text)")
    owner_sql(
        "CREATE TRIGGER own BEFORE INSERT ON own FOR EACH ROW EXECUTE FUNCTION public.handover_ledger_seal()"
    )
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only the ledger is sealed"):
        owner_sql("INSERT INTO own (body) VALUES ('{}')")


@pytest.mark.parametrize("table", ["handover_chainhead", "handover_personname", "handover_accessspan"])
def test_the_web_role_has_no_right_on_what_functions_tell(table: str) -> None:
    rights = catalogue.ask(f"SELECT has_table_privilege('{table}', 'SELECT, INSERT, UPDATE, DELETE')")
    assert rights == [(False,)]


def test_every_append_only_table_is_on_the_list() -> None:
    found = catalogue.ask(
        "SELECT tgrelid::regclass::text FROM pg_trigger"
        " WHERE tgfoid = 'handover_refuse'::regproc AND tgname = 'refuse_change'"
    )
    assert {str(table) for (table,) in found} == APPEND_ONLY


def test_append_only_tables_refuse_change_by_the_web_role_by_privilege() -> None:
    able = [
        (table, privilege)
        for table in sorted(APPEND_ONLY)
        for privilege in ("UPDATE", "DELETE", "TRUNCATE")
        if catalogue.ask("SELECT has_table_privilege(%s, %s)", (table, privilege)) == [(True,)]
        or (
            privilege == "UPDATE"
            and catalogue.ask("SELECT has_any_column_privilege(%s, 'UPDATE')", (table,)) == [(True,)]
        )
    ]
    assert able == []


@pytest.mark.django_db(transaction=True)
def test_append_only_tables_refuse_change_by_the_owner_by_trigger(owner_sql: OwnerSql, today: object) -> None:
    world.build()
    yielding = []
    for table in sorted(APPEND_ONLY):
        assert owner_sql(f"SELECT count(*) > 0 FROM {table}") == [(True,)], f"nothing in {table} to try on"
        (column,) = list(catalogue.columns(table))[:1]
        for statement in (
            f"UPDATE {table} SET {column} = {column}",
            f"DELETE FROM {table}",
            f"TRUNCATE {table} CASCADE",
        ):
            try:
                owner_sql(statement)
            except psycopg.errors.IntegrityConstraintViolation as error:
                assert "append-only" in str(error)  # noqa: PT017
            else:
                yielding.append(statement)
    assert yielding == []


def test_guardians_generic_tables_stay_empty(today: object) -> None:
    world.build()
    with connection.cursor() as cursor:
        for table in ("guardian_userobjectpermission", "guardian_groupobjectpermission"):
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone() == (0,)
