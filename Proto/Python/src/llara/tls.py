"""TLS 1.3 with the protocol's ALPN name."""

from __future__ import annotations

import ssl

ALPN = "llara/1"


def tls_context(
    ca_file: str | None = None, certificate_file: str | None = None, key_file: str | None = None
) -> ssl.SSLContext:
    """A context that trusts `ca_file`, or the system's authorities; with an own certificate for mutual TLS."""
    context = ssl.create_default_context(cafile=ca_file)
    if certificate_file is not None:
        context.load_cert_chain(certificate_file, key_file)
    return prepared(context)


def prepared(context: ssl.SSLContext) -> ssl.SSLContext:
    """The caller's own context, changed to what the protocol asks for."""
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_alpn_protocols([ALPN])
    return context
