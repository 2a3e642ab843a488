"""Stands in for `https://storage.googleapis.com`, the host that the Python SDK has built in, and leads to the sandbox instead.

A proxy on loopback for the requests of one process: it ends TLS for that host alone, with a certificate that it has made for it, and hands the bytes
on as they are, so the sandbox checks what the SDK signed. Requests to the sandbox itself pass through; every other place is refused.
"""

import datetime
import os
import pathlib
import select
import socket
import ssl
import tempfile
import threading
import urllib.parse

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "storage.googleapis.com"
DAY = datetime.timedelta(days=1)


def certificate(directory):
    """A certificate for Google's host and no other, trusted only by who is told its file; its key goes with the directory."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "SANDBOX in the place of Google")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - DAY, now + DAY)
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    pem = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    raw = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = pathlib.Path(directory) / "google.pem"
    path.touch(mode=0o600)
    path.write_bytes(raw + pem)
    trusted = pathlib.Path(directory) / "trusted.pem"
    trusted.write_bytes(pem)
    return path, trusted


def exchange(client, inward):
    """Bytes to and fro until one side has ended. One thread: a TLS connection does not take two."""
    other = {client: inward, inward: client}
    while True:
        waiting = isinstance(client, ssl.SSLSocket) and client.pending()
        for source in [client] if waiting else select.select([client, inward], [], [])[0]:
            data = source.recv(1 << 16)
            if not data:
                return
            other[source].sendall(data)


def head(client):
    """The first line of a request, and all that has come with it."""
    read = b""
    while b"\r\n\r\n" not in read and (data := client.recv(1 << 16)):
        read += data
    return read.split(b"\r\n", 1)[0].decode(), read


def serve(client, context, sandbox):
    line, read = head(client)
    words = line.split()
    with client, socket.create_connection((sandbox.hostname, sandbox.port)) as inward:
        if words[:2] == ["CONNECT", f"{HOST}:443"]:
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            with context.wrap_socket(client, server_side=True) as client:
                exchange(client, inward)
        elif len(words) > 1 and urllib.parse.urlsplit(words[1]).netloc == sandbox.netloc:
            inward.sendall(read)
            exchange(client, inward)
        else:
            client.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def variables():
    """Begins to stand in; gives the variables by which the SDK comes here. They end with this process."""
    directory = tempfile.TemporaryDirectory()
    pem, trusted = certificate(directory.name)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem)
    sandbox = urllib.parse.urlsplit(os.environ["AIGNOSTICS_API_ROOT"])
    listener = socket.create_server(("127.0.0.1", 0))

    def listen():
        with directory:
            while True:
                client, _ = listener.accept()
                threading.Thread(target=serve, args=(client, context, sandbox), daemon=True).start()

    threading.Thread(target=listen, daemon=True).start()
    proxy = f"http://127.0.0.1:{listener.getsockname()[1]}"
    return {"HTTPS_PROXY": proxy, "REQUESTS_CA_BUNDLE": str(trusted), "AWS_CA_BUNDLE": str(trusted)}
