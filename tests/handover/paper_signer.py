"""A signer of papers for tests: a certificate of its own making, as nobody trusts it, and a signature as in life."""

from __future__ import annotations

import datetime as dt
import io
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers

BEGINS = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
ENDS = dt.datetime(2090, 1, 1, tzinfo=dt.UTC)


@cache
def _made(name: str) -> tuple[x509.Certificate, bytes]:
    """Make a certificate that vouches for itself; give it, and it with its key as PKCS #12."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(BEGINS)
        .not_valid_after(ENDS)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    both = pkcs12.serialize_key_and_certificates(
        name.encode(), key, certificate, None, serialization.NoEncryption()
    )
    return certificate, both


def certificate(name: str) -> str:
    """Give a signer's certificate as PEM."""
    return _made(name)[0].public_bytes(serialization.Encoding.PEM).decode()


def signed(pdf: bytes, field: str, name: str) -> bytes:
    """Fill a signature field of a paper, as PAdES has it."""
    signer = signers.SimpleSigner.load_pkcs12_data(_made(name)[1], other_certs=[])
    metadata = signers.PdfSignatureMetadata(
        field_name=field, subfilter=fields.SigSeedSubFilter.PADES, md_algorithm="sha256"
    )
    out = signers.sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(pdf)), metadata, signer=signer, existing_fields_only=True
    )
    content: bytes = out.getvalue()
    return content
