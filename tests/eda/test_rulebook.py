# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rulebook `events` in ansible-rulebook: what it accepts, what runs, and what it never prints."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.collection import ROOT
from tests.eda.receiver import KEY, SIGNATURE, Receiver, failing, notification, receiving

SHIPPED = ROOT / "extensions/eda/rulebooks/events.yml"
SHOWN = "UPDATED: contact {} of autotaskcrm, instance 12001, at 2026-06-01T04:09:10Z"


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    """The rulebook as it is shipped. Each test sends ids of its own."""
    with receiving(tmp_path_factory.mktemp("receiver")) as started:
        yield started


def test_a_signed_event_runs_a_playbook(receiver: Receiver) -> None:
    assert receiver.post(notification(100, "17")) == 200

    said = receiver.wait_for(SHOWN.format("17"), "failed=0")
    assert "PLAY [React to a changed contact]" in said


def test_each_object_of_a_notification_runs_it(receiver: Receiver) -> None:
    receiver.post(notification(110, "a-1", "a-2"))

    receiver.wait_for(SHOWN.format("a-1"), SHOWN.format("a-2"))


def test_a_wrong_signature_is_refused_with_401_and_runs_nothing(receiver: Receiver) -> None:
    assert receiver.post(notification(120, "wrong-1"), key="another key") == 401
    assert receiver.post(notification(121, "wrong-2"), headers={SIGNATURE: "sha256="}) == 401

    # Playbooks run one after another, so this one would come last.
    receiver.post(notification(122, "after-wrong"))
    assert "wrong-1" not in receiver.wait_for(SHOWN.format("after-wrong"))
    assert "wrong-2" not in receiver.output()


def test_a_missing_signature_is_refused_with_400_and_runs_nothing(receiver: Receiver) -> None:
    assert receiver.post(notification(130, "missing"), key="") == 400

    receiver.post(notification(131, "after-none"))
    assert "missing" not in receiver.wait_for(SHOWN.format("after-none"))


def test_a_repeated_notification_runs_once(receiver: Receiver) -> None:
    assert [receiver.post(notification(140, "repeated")) for _ in range(3)] == [200, 200, 200]

    receiver.post(notification(141, "after-repeats"))
    assert receiver.wait_for(SHOWN.format("after-repeats")).count(SHOWN.format("repeated")) == 1


def test_a_restart_forgets_what_was_handled(tmp_path: Path) -> None:
    for directory in (tmp_path / "first", tmp_path / "second"):
        with receiving(directory) as receiver:
            receiver.post(notification(145, "17"))
            receiver.wait_for(SHOWN.format("17"))


def test_what_is_no_notification_is_reported_and_the_next_one_runs(receiver: Receiver) -> None:
    assert receiver.post(["no", "notification"]) == 200
    receiver.post(notification(150, "after-nonsense"))

    said = receiver.wait_for(SHOWN.format("after-nonsense"), "[debug]")
    assert said.count("The body is not a JSON object.") == 2


def test_a_body_of_more_than_1_mib_is_refused_with_413(receiver: Receiver) -> None:
    assert receiver.post(notification(160, "large", raw="x" * 2**20)) == 413


def test_an_event_about_an_instance_runs_drift_once_in_ten_minutes(tmp_path: Path) -> None:
    # The list is empty and no account is set, so the playbook fails with a message about them.
    (tmp_path / "instances.yml").write_text("[]\n", encoding="utf-8")
    with receiving(tmp_path, cloud_elements_instances_file=str(tmp_path / "instances.yml")) as receiver:
        for number in range(3):
            receiver.post(notification(number, str(number), object_type="instances"))
        receiver.post(notification(9, "after-drift"))
        said = receiver.wait_for(SHOWN.format("after-drift"))

    assert re.findall(r"user_secret is missing|instances_list is missing", said)[:1] == ["user_secret is missing"]
    # A failed playbook is printed as it runs, and once more as an error.
    assert len(re.findall(r"^PLAY \[Report drift", said, re.MULTILINE)) == 2


def test_no_output_shows_a_secret_that_was_sent(tmp_path: Path) -> None:
    canary = "canary-5d20"
    body = notification(
        200, "secretive", raw={"token": canary}, instanceName=canary, instanceTags=[canary], response={"x": canary}
    )
    headers = {"Authorization": f"Basic {canary}", "X-Api-Token": canary, "elements-webhook-id": canary}
    with receiving(tmp_path, "-vv", "--print-events") as receiver:
        assert receiver.post({**body, "raw": canary}, headers=headers) == 200
        said = receiver.wait_for(SHOWN.format("secretive"), "failed=0", "Posting data to ruleset")

    assert said.count("'object_id': 'secretive'") > 1
    assert canary not in said
    assert KEY not in said


TEMPLATES = ("{{ 'evaluated-' ~ 6 * 7 }}", "{{ lookup('ansible.builtin.pipe', 'echo evaluated-$((6 * 7))') }}")
CARELESS_PLAYBOOK = """\
- name: Print all that an event brings
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Show it
      ansible.builtin.debug:
        msg: "{{ ansible_eda.event }} {{ handed }}"
"""
CARELESS_RULES = """\
  rules:
    - name: Run it for everything
      condition: event.meta is defined
      action:
        run_playbook:
          name: careless.yml
          extra_vars:
            handed: "{{ event }}"
"""


@pytest.mark.parametrize("filtered", [True, False], ids=["with the filter", "without it"])
def test_a_template_in_an_event_is_not_evaluated_with_the_filter(tmp_path: Path, filtered: bool) -> None:
    source, rules = SHIPPED.read_text(encoding="utf-8").split("  rules:\n")
    plain_source, filters = source.split("      filters:\n")
    assert rules
    assert filters
    (tmp_path / "careless.yml").write_text(CARELESS_PLAYBOOK, encoding="utf-8")
    (tmp_path / "rulebook.yml").write_text((source if filtered else plain_source) + CARELESS_RULES, encoding="utf-8")

    with receiving(tmp_path, rulebook="rulebook.yml") as receiver:
        for number, template in enumerate(TEMPLATES):
            assert receiver.post(notification(number, template)) == 200
        receiver.post(notification(9, "harmless"))
        said = receiver.wait_for("harmless", "failed=0")

    assert said.count("PLAY [Print all") == 3
    # Without the filter, Ansible evaluates them. So this test would see it.
    assert ("evaluated-42" in said) is not filtered


@pytest.mark.parametrize("key", ["", None])
def test_an_empty_key_stops_the_rulebook(tmp_path: Path, key: str | None) -> None:
    said = failing(tmp_path, cloud_elements_signature_key=key)

    assert "'cloud_elements_signature_key_is_empty' is undefined" in said


def test_a_key_of_digits_stays_a_string(tmp_path: Path) -> None:
    with receiving(tmp_path, cloud_elements_signature_key="0123456789") as receiver:
        assert receiver.post(notification(1, "17"), key="0123456789") == 200


def certificate(directory: Path) -> tuple[Path, Path]:
    """Write a certificate for this machine and its key, and return their files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certfile, keyfile = directory / "cert.pem", directory / "key.pem"
    certfile.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    keyfile.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certfile, keyfile


def test_a_copy_with_the_two_lines_for_tls_receives_over_tls(tmp_path: Path) -> None:
    text, changed = re.subn(r"# ((?:cert|key)file: )", r"\1", SHIPPED.read_text(encoding="utf-8"))
    assert changed == 2
    (tmp_path / "events.yml").write_text(text, encoding="utf-8")
    certfile, keyfile = certificate(tmp_path)
    files = {"cloud_elements_webhook_certfile": str(certfile), "cloud_elements_webhook_keyfile": str(keyfile)}
    with receiving(tmp_path, rulebook=tmp_path / "events.yml", **files) as plain:
        port = plain.url.rpartition(":")[2]
        receiver = Receiver(f"https://localhost:{port}", plain.process, plain.file)
        assert receiver.post(notification(1, "encrypted"), verify=str(certfile)) == 200
        receiver.wait_for(SHOWN.format("encrypted"))
