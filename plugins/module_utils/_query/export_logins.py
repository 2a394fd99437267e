# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Find exported instances that use the same vendor login. It compares secrets and must never return one. Private."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .._model.instance import Actual
from .._model.values import is_mask
from .._model.vendors import VENDORS, Field, vendors_of

USER_NAME = "username"
"""The option that identifies the user of a vendor's login, if it is readable."""


@dataclass(frozen=True)
class Login:
    """The login of a vendor profile, as far as the platform shows it.

    :param values: the values of the vendor's fields, secrets included; None where a value is masked or missing
    """

    option: str
    values: tuple[str | None, ...] = field(repr=False)

    @property
    def is_identified(self) -> bool:
        """Return whether equal values mean the same login.

        A user name does, and so does a secret that the platform shows. A server URL alone does not: it is the same for
        all customers of a vendor.
        """
        fields = VENDORS[self.option].fields
        return any(
            text is not None and (vendor_field.secret or vendor_field.option == USER_NAME)
            for vendor_field, text in zip(fields, self.values)
        )


def login_of(actual: Actual, option: str, hub: str) -> Login:
    """Return the login of an instance, as far as the platform shows it."""
    configuration = actual.configuration or {}
    pairs = (
        (vendor_field, configuration.get(vendor_field.key.format(hub=hub))) for vendor_field in VENDORS[option].fields
    )
    return Login(
        option,
        tuple(None if not text or is_mask(text) else _comparable(vendor_field, text) for vendor_field, text in pairs),
    )


def environment_users(instances: Iterable[Actual], environment: Mapping[str, str]) -> frozenset[int]:
    """Return the ids of the instances whose vendor login may be left to the environment.

    These are the instances that use the login in the environment. If the environment has none, they are all instances
    of a vendor, provided that they use the same login: one credential of a controller can serve them. An instance with
    another login is never among them, because it would get the environment's password.
    """
    instance_list = list(instances)
    return frozenset(number for option in VENDORS for number in _environment_users(option, instance_list, environment))


def _environment_users(option: str, instances: Iterable[Actual], environment: Mapping[str, str]) -> list[int]:
    groups = _by_login(option, instances)
    environment_values = [
        _comparable(vendor_field, environment.get(vendor_field.environment, ""))
        for vendor_field in VENDORS[option].fields
    ]
    if len(groups) == 1 and not any(environment_values):
        return [number for group in groups.values() for number in group]
    return [number for login, group in groups.items() if _matches(login, environment_values) for number in group]


def _by_login(option: str, instances: Iterable[Actual]) -> dict[Login | int, list[int]]:
    """Return the ids of a vendor's instances by their login. An instance that shows nothing of it is alone."""
    groups: dict[Login | int, list[int]] = {}
    for actual in instances:
        for vendor_option, hub, _vendor in vendors_of(actual.element):
            if vendor_option == option:
                login = login_of(actual, option, hub)
                groups.setdefault(login if any(login.values) else actual.id, []).append(actual.id)
    return groups


def _matches(login: Login | int, environment_values: list[str]) -> bool:
    """Return whether a login equals the one in the environment, as far as the platform shows it."""
    return isinstance(login, Login) and all(
        text in (None, value) for text, value in zip(login.values, environment_values)
    )


def _comparable(vendor_field: Field, text: str) -> str:
    """Return a value so that two ways to write the same one are equal."""
    return text.rstrip("/") if vendor_field.url else text
