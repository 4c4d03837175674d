"""A recovery code is read however it is typed, names the group that is wrong, and opens the key it was made for."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from models import escrow
from models.errors import Denied, Known
from models.recovery_code import ALPHABET, GROUPS, new_code, read_code
from models.site import create_site
from models.store import Store, create_store

CODE = new_code()


@pytest.fixture
def mall(tmp_path: Path):
    made = create_store(create_site(tmp_path / "mall", name="Test mall"))
    yield made
    made.close()


def test_codes_differ_and_have_their_form() -> None:
    codes = {new_code() for _ in range(50)}
    assert len(codes) == 50
    assert all(len(code) == GROUPS * 6 - 1 for code in codes)


def test_a_code_is_read_however_it_is_typed() -> None:
    assert read_code(CODE.lower().replace("-", " ")) == CODE
    assert read_code(CODE.replace("0", "o").replace("1", "l")) == CODE


@given(st.integers(0, GROUPS * 5 - 1), st.sampled_from(ALPHABET))
def test_a_mistyped_group_is_named_nearly_always(place: int, sign: str) -> None:
    signs = list(CODE.replace("-", ""))
    if signs[place] == sign:
        return
    signs[place] = sign
    try:
        passed = read_code("".join(signs))
    except Known as error:
        assert f"Group {place // 5 + 1} " in error.sentence
        assert f"第 {place // 5 + 1} 组" in error.sentence_zh
    else:
        assert passed != CODE  # one in 32 has a check sign that fits; it opens nothing


def test_a_code_of_another_length_is_no_code() -> None:
    with pytest.raises(Known, match="this has 30 signs"):
        read_code(CODE[:-6])


def test_the_code_opens_the_key_and_another_does_not(mall: Store) -> None:
    code = escrow.show_recovery(mall, "cli:anna")
    folder = mall.site.folder
    assert escrow.open_with_code(folder, mall.site.id, code.lower()) == mall.key
    with pytest.raises(Known, match="does not open"):
        escrow.open_with_code(folder, mall.site.id, new_code())
    newer = escrow.show_recovery(mall, "cli:anna")
    with pytest.raises(Known, match="does not open"):
        escrow.open_with_code(folder, mall.site.id, code)
    assert escrow.open_with_code(folder, mall.site.id, newer) == mall.key
    text = (folder / escrow.FILE).read_text("utf-8")
    assert mall.key.hex() not in text
    assert newer not in text


def test_the_code_of_one_site_is_none_of_another(mall: Store, tmp_path: Path) -> None:
    code = escrow.show_recovery(mall, "cli:anna")
    with pytest.raises(Known, match="no key of this site"):
        escrow.open_with_code(mall.site.folder, "another", code)
    with pytest.raises(Known, match="no key of this site"):
        escrow.open_with_code(tmp_path, mall.site.id, code)


def test_the_hub_opens_what_was_sealed_for_it_and_nobody_else(mall: Store) -> None:
    hub, other = X25519PrivateKey.generate(), X25519PrivateKey.generate()
    pem = hub.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    escrow.show_recovery(mall, "cli:anna")
    mark = escrow.seal_for_hub(mall, "cli:anna", pem)
    assert len(mark) == 16

    def private(key: X25519PrivateKey) -> bytes:
        return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    assert escrow.open_with_private_key(mall.site.folder, mall.site.id, private(hub)) == mall.key
    with pytest.raises(Known, match="another private key"):
        escrow.open_with_private_key(mall.site.folder, mall.site.id, private(other))
    with pytest.raises(Known, match="cannot be read"):
        escrow.seal_for_hub(mall, "cli:anna", b"rubbish")
    assert escrow.made_at(mall.site)  # sealing for the hub keeps the code


def test_making_a_code_is_audited_and_needs_the_right(mall: Store) -> None:
    escrow.show_recovery(mall, "cli:anna")
    with mall.write("tester", "a user without rights") as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO role (id, code, name, rights) VALUES (x'01', 'guest', 'Guest', '[]')"
        )
        tx.connection.exec_driver_sql(
            "INSERT INTO user (id, code, name, role_id, active) VALUES (x'02', 'bob', 'Bob', x'01', 1)"
        )
    with pytest.raises(Denied):
        escrow.show_recovery(mall, "bob")
    with mall.read() as connection:
        rows = connection.exec_driver_sql("SELECT actor, action FROM audit_entry ORDER BY seq").fetchall()
    assert ("cli:anna", "make") in [tuple(row) for row in rows]
    assert tuple(rows[-1]) == ("bob", "refuse")
