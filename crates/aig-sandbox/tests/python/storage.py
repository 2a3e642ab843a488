"""Object storage by boto3 and by plain HTTP, against a sandbox named by the arguments. Every refusal has its counterpart."""

import http.client
import json
import os
import sys
import tempfile
import urllib.parse
import urllib.request

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

root, endpoint, bucket, key_id, secret = sys.argv[1:]
MIB = 1 << 20
done = []


def client(secret=secret, **options):
    config = Config(signature_version="s3v4", s3={"addressing_style": "path"}, retries={"max_attempts": 1}, **options)
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
        region_name="EUROPE-WEST3",
        config=config,
    )


def plain(method, url, body=None, host=None, headers=None):
    """One request, its host changed where asked for: the status, the body and the headers of the answer."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port)
    headers = dict(headers or {}, **({"Host": host} if host else {}))
    connection.request(method, f"{parts.path}?{parts.query}", body=body, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.read(), {name.lower(): value for name, value in answer.getheaders()}


def refused(code, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        return
    raise AssertionError(f"{call} was not refused with {code}")


def check(name):
    def run(test):
        test()
        done.append(name)

    return run


s3 = client()


@check("put, head, get, list, copy and delete")
def _():
    for key in ["plain.txt", "dir/a b+c&d=é.txt", "dir/deep/x"]:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode(), ContentType="text/plain")
        head = s3.head_object(Bucket=bucket, Key=key)
        assert (head["ContentLength"], head["ContentType"]) == (len(key.encode()), "text/plain")
        answer = s3.get_object(Bucket=bucket, Key=key)
        assert answer["Body"].read() == key.encode() and answer["ETag"] == head["ETag"]
        assert answer["ResponseMetadata"]["HTTPHeaders"]["x-goog-hash"].startswith("crc32c=")
        assert int(answer["ResponseMetadata"]["HTTPHeaders"]["x-goog-generation"]) > 0
    listed = s3.list_objects_v2(Bucket=bucket, Prefix="dir/", Delimiter="/")
    assert [entry["Key"] for entry in listed["Contents"]] == ["dir/a b+c&d=é.txt"]
    assert [entry["Prefix"] for entry in listed["CommonPrefixes"]] == ["dir/deep/"]
    s3.copy_object(Bucket=bucket, Key="copy.txt", CopySource={"Bucket": bucket, "Key": "plain.txt"})
    assert s3.get_object(Bucket=bucket, Key="copy.txt")["Body"].read() == b"plain.txt"
    s3.delete_object(Bucket=bucket, Key="copy.txt")
    refused("404", s3.head_object, Bucket=bucket, Key="copy.txt")
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "dir/deep/x"}]})
    refused("NoSuchKey", s3.get_object, Bucket=bucket, Key="dir/deep/x")


@check("ranges and conditions")
def _():
    s3.put_object(Bucket=bucket, Key="digits", Body=b"0123456789")
    etag = s3.head_object(Bucket=bucket, Key="digits")["ETag"]
    assert s3.get_object(Bucket=bucket, Key="digits", Range="bytes=3-5", IfMatch=etag)["Body"].read() == b"345"
    refused("PreconditionFailed", s3.get_object, Bucket=bucket, Key="digits", IfMatch='"other"')
    refused("InvalidRange", s3.get_object, Bucket=bucket, Key="digits", Range="bytes=10-")
    refused("PreconditionFailed", s3.put_object, Bucket=bucket, Key="digits", Body=b"", IfNoneMatch="*")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "digits"})
    fresh = plain("GET", url, headers={"Range": "bytes=7-", "If-Range": etag})
    stale = plain("GET", url, headers={"Range": "bytes=7-", "If-Range": '"other"'})
    assert fresh[:2] == (206, b"789") and fresh[2]["content-range"] == "bytes 7-9/10"
    assert stale[:2] == (200, b"0123456789")


@check("multipart upload and ranged download")
def _():
    content = os.urandom(20 * MIB + 7)
    transfer = TransferConfig(multipart_threshold=8 * MIB, multipart_chunksize=8 * MIB, max_concurrency=4)
    with tempfile.TemporaryDirectory() as directory:
        source, target = os.path.join(directory, "source"), os.path.join(directory, "target")
        with open(source, "wb") as file:
            file.write(content)
        s3.upload_file(source, bucket, "large.bin", Config=transfer)
        assert s3.head_object(Bucket=bucket, Key="large.bin")["ETag"].endswith('-3"')
        s3.download_file(bucket, "large.bin", target, Config=transfer)
        with open(target, "rb") as file:
            assert file.read() == content
    s3.put_object(Bucket=bucket, Key="single.bin", Body=content)
    assert s3.get_object(Bucket=bucket, Key="single.bin")["Body"].read() == content
    upload = s3.create_multipart_upload(Bucket=bucket, Key="given-up")["UploadId"]
    s3.upload_part(Bucket=bucket, Key="given-up", UploadId=upload, PartNumber=1, Body=b"x")
    s3.abort_multipart_upload(Bucket=bucket, Key="given-up", UploadId=upload)
    refused("NoSuchUpload", s3.list_parts, Bucket=bucket, Key="given-up", UploadId=upload)


@check("checksums in headers and trailers")
def _():
    for algorithm in ["CRC32", "SHA256"]:
        s3.put_object(Bucket=bucket, Key="sum", Body=b"body", ChecksumAlgorithm=algorithm)
    for name in ["ChecksumCRC32", "ChecksumCRC32C"]:
        refused("BadDigest", s3.put_object, Bucket=bucket, Key="sum", Body=b"body", **{name: "AAAAAA=="})


def presigned(operation, signer=s3, **params):
    return signer.generate_presigned_url(operation, Params={"Bucket": bucket, **params}, ExpiresIn=3600)


CALLS = [
    ("PUT", "put_object", {"Key": "signed"}, b"signed"),
    ("GET", "get_object", {"Key": "signed"}, None),
    ("HEAD", "head_object", {"Key": "signed"}, None),
    ("GET", "list_objects_v2", {"Prefix": "sig"}, None),
    ("DELETE", "delete_object", {"Key": "signed"}, None),
]


@check("presigned PUT, GET, HEAD, LIST and DELETE, each refused when anything differs")
def _():
    port = urllib.parse.urlsplit(endpoint).port
    for method, operation, params, body in CALLS:
        url = presigned(operation, **params)
        wrong_key = presigned(operation, client(secret="guessed"), **params)
        tampered = url[:-1] + ("0" if url[-1] != "0" else "1")
        longer = url.replace("X-Amz-Expires=3600", "X-Amz-Expires=7200")
        other = "DELETE" if method != "DELETE" else "PUT"
        for bad in [plain(method, wrong_key, body), plain(method, tampered, body), plain(method, longer, body)]:
            assert bad[0] == 403 and (method == "HEAD" or b"SignatureDoesNotMatch" in bad[1]), (operation, bad)
        assert plain(other, url)[0] == 403, operation
        assert plain(method, url, body, host=f"localhost:{port}")[0] == 403, operation
        status, text, _ = plain(method, url, body)
        assert status in (200, 204), (operation, status, text)
    assert plain("GET", presigned("get_object", Key="signed"))[0] == 404


@check("another key, another bucket, no signature")
def _():
    refused("SignatureDoesNotMatch", client(secret="guessed").list_objects_v2, Bucket=bucket)
    refused("AccessDenied", s3.list_objects_v2, Bucket="aignostics-platform-results")
    assert plain("GET", f"{endpoint}/{bucket}/digits")[0] == 403


@check("expired URLs")
def _():
    s3.put_object(Bucket=bucket, Key="signed", Body=b"signed")
    urls = [(method, presigned(operation, **params), body) for method, operation, params, body in CALLS]
    clock = urllib.request.Request(f"{root}/_sandbox/clock", json.dumps({"advance": "2h"}).encode(), method="POST")
    clock.add_header("Content-Type", "application/json")
    urllib.request.urlopen(clock).read()
    for method, url, body in urls:
        status, text, headers = plain(method, url, body)
        assert status == 403 and "xml" in headers["content-type"], (method, status)
        assert method == "HEAD" or b"<Code>ExpiredToken</Code>" in text, text
    assert s3.get_object(Bucket=bucket, Key="signed")["Body"].read() == b"signed", "who signs now is let in"


print(f"boto3 {boto3.__version__}: {len(done)} groups done: {'; '.join(done)}")
