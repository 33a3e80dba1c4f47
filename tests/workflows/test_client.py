"""Clients follow Temporal's own environment variables."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from workflows.client import connect


def config_of(settings):
    return asyncio.run(connect(settings, lazy=True)).service_client.config


def test_address_and_namespace_are_used(settings):
    there = replace(settings, temporal_address="temporal.example.com:7233", temporal_namespace="desk")
    client = asyncio.run(connect(there, lazy=True))
    assert client.service_client.config.target_host == "temporal.example.com:7233"
    assert client.namespace == "desk"
    assert not client.service_client.config.tls


def test_api_key_means_encryption(settings):
    config = config_of(replace(settings, temporal_address="cloud.example.com:7233", temporal_api_key="key"))
    assert config.tls
    assert config.api_key == "key"


def test_certificates_are_taken_from_environment(settings, tmp_path, monkeypatch):
    (tmp_path / "cert.pem").write_text("certificate")
    (tmp_path / "key.pem").write_text("key")
    monkeypatch.setenv("TEMPORAL_TLS_CLIENT_CERT_PATH", str(tmp_path / "cert.pem"))
    monkeypatch.setenv("TEMPORAL_TLS_CLIENT_KEY_PATH", str(tmp_path / "key.pem"))
    assert config_of(settings).tls.client_cert == b"certificate"
