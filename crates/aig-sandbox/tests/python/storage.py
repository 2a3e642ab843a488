"""Object storage by boto3 and by plain HTTP, against a sandbox named by the arguments. Every refusal has its counterpart."""

import base64
import datetime
import hashlib
import http.client
import json
import os
import sys
import tempfile
import unittest.mock
import urllib.parse
import urllib.request

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError, MissingDependencyException

root, endpoint, bucket, key_id, secret = sys.argv[1:]
MIB = 1 << 20
done = []


def client(secret=secret, key_id=key_id, region="EUROPE-WEST3", style="path", root=endpoint, **options):
    options = {"signature_version": "s3v4", "s3": {"addressing_style": style}, "retries": {"max_attempts": 1}, **options}
    config = Config(**options)
    return boto3.client(
        "s3",
        endpoint_url=root,
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
        region_name=region,
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
    content = os.urandom(100 * MIB + 7)
    transfer = TransferConfig(multipart_threshold=8 * MIB, multipart_chunksize=8 * MIB, max_concurrency=8)
    with tempfile.TemporaryDirectory() as directory:
        source, target = os.path.join(directory, "source"), os.path.join(directory, "target")
        with open(source, "wb") as file:
            file.write(content)
        s3.upload_file(source, bucket, "large.bin", Config=transfer)
        assert s3.head_object(Bucket=bucket, Key="large.bin")["ETag"].endswith('-13"')
        s3.download_file(bucket, "large.bin", target, Config=transfer)
        with open(target, "rb") as file:
            assert file.read() == content
    s3.put_object(Bucket=bucket, Key="single.bin", Body=content)
    assert s3.get_object(Bucket=bucket, Key="single.bin")["Body"].read() == content
    upload = s3.create_multipart_upload(Bucket=bucket, Key="given-up")["UploadId"]
    s3.upload_part(Bucket=bucket, Key="given-up", UploadId=upload, PartNumber=1, Body=b"x")
    s3.abort_multipart_upload(Bucket=bucket, Key="given-up", UploadId=upload)
    refused("NoSuchUpload", s3.list_parts, Bucket=bucket, Key="given-up", UploadId=upload)


@check("copies: whole, with other metadata, in parts, under conditions")
def _():
    with tempfile.NamedTemporaryFile() as file:
        content = os.urandom(24 * MIB)
        file.write(content)
        file.flush()
        s3.upload_file(file.name, bucket, "source", ExtraArgs={"Metadata": {"case": "17"}, "ContentType": "image/tiff"})
    source = {"Bucket": bucket, "Key": "source"}
    transfer = TransferConfig(multipart_threshold=8 * MIB, multipart_chunksize=8 * MIB)
    s3.copy(source, bucket, "copied-in-parts", Config=transfer)
    assert s3.get_object(Bucket=bucket, Key="copied-in-parts")["Body"].read() == content
    s3.copy_object(Bucket=bucket, Key="copied", CopySource=source)
    head = s3.head_object(Bucket=bucket, Key="copied")
    assert (head["Metadata"], head["ContentType"]) == ({"case": "17"}, "image/tiff")
    s3.copy_object(Bucket=bucket, Key="copied", CopySource=source, MetadataDirective="REPLACE", Metadata={"b": "2"})
    assert s3.head_object(Bucket=bucket, Key="copied")["Metadata"] == {"b": "2"}
    refused("PreconditionFailed", s3.copy_object, Bucket=bucket, Key="x", CopySource=source, CopySourceIfMatch='"no"')
    upload = s3.create_multipart_upload(Bucket=bucket, Key="parts")["UploadId"]
    of_upload = {"Bucket": bucket, "Key": "parts", "UploadId": upload}
    first = s3.upload_part_copy(**of_upload, PartNumber=1, CopySource=source, CopySourceRange="bytes=7-5242886")
    refused("InvalidRange", s3.upload_part_copy, **of_upload, PartNumber=3, CopySource=source, CopySourceRange="bytes=99999999-")
    second = s3.upload_part(**of_upload, PartNumber=2, Body=b"tail")
    parts = [{"PartNumber": 1, "ETag": first["CopyPartResult"]["ETag"]}, {"PartNumber": 2, "ETag": second["ETag"]}]
    refused("InvalidPartOrder", s3.complete_multipart_upload, **of_upload, MultipartUpload={"Parts": parts[::-1]})
    s3.complete_multipart_upload(**of_upload, MultipartUpload={"Parts": parts})
    assert s3.get_object(Bucket=bucket, Key="parts")["Body"].read() == content[7 : 5 * MIB + 7] + b"tail"


@check("listings in pages, with folders, and deleting many")
def _():
    for number in range(25):
        s3.put_object(Bucket=bucket, Key=f"many/{number % 5}/{number:03}", Body=b"x")
    pages = lambda operation, **options: list(s3.get_paginator(operation).paginate(Bucket=bucket, Prefix="many/", **options))
    for operation in ["list_objects_v2", "list_objects"]:
        sizes = [len(page["Contents"]) for page in pages(operation, PaginationConfig={"PageSize": 7})]
        assert sizes == [7, 7, 7, 4], (operation, sizes)
    folders = [len(page["CommonPrefixes"]) for page in pages("list_objects_v2", Delimiter="/", PaginationConfig={"PageSize": 2})]
    assert folders == [2, 2, 1], folders
    assert s3.list_objects_v2(Bucket=bucket, Prefix="many/", StartAfter="many/3/018")["KeyCount"] == 6
    keys = [{"Key": f"many/{number % 5}/{number:03}"} for number in range(25)]
    assert len(s3.delete_objects(Bucket=bucket, Delete={"Objects": keys[:5]})["Deleted"]) == 5
    assert "Deleted" not in s3.delete_objects(Bucket=bucket, Delete={"Objects": keys[5:], "Quiet": True})
    assert s3.list_objects_v2(Bucket=bucket, Prefix="many/")["KeyCount"] == 0
    assert [entry["Name"] for entry in s3.list_buckets()["Buckets"]] == [bucket]


@check("metadata, dates and what a reader asks to hear instead")
def _():
    s3.put_object(Bucket=bucket, Key="told", Body=b"x", Metadata={"case": "17"}, CacheControl="no-store", ContentLanguage="de")
    head = s3.head_object(Bucket=bucket, Key="told")
    assert (head["Metadata"], head["CacheControl"], head["ContentLanguage"]) == ({"case": "17"}, "no-store", "de")
    answer = s3.get_object(Bucket=bucket, Key="told", ResponseCacheControl="private", ResponseContentType="text/csv")
    assert (answer["CacheControl"], answer["ContentType"]) == ("private", "text/csv")
    late, early = head["LastModified"] + datetime.timedelta(hours=1), head["LastModified"] - datetime.timedelta(hours=1)
    refused("304", s3.get_object, Bucket=bucket, Key="told", IfModifiedSince=late)
    refused("304", s3.get_object, Bucket=bucket, Key="told", IfNoneMatch=head["ETag"])
    refused("PreconditionFailed", s3.get_object, Bucket=bucket, Key="told", IfUnmodifiedSince=early)
    for condition in [{"IfModifiedSince": early}, {"IfUnmodifiedSince": late}]:
        assert s3.get_object(Bucket=bucket, Key="told", **condition)["Body"].read() == b"x"
    assert b"".join(s3.get_object(Bucket=bucket, Key="digits")["Body"].iter_chunks(3)) == b"0123456789"


@check("checksums in headers and trailers")
def _():
    sent = []
    watched = client()
    watched.meta.events.register("before-send.s3", lambda request, **_: sent.append(dict(request.headers)))
    watched.put_object(Bucket=bucket, Key="sum", Body=b"body")
    print("sent by default:", sorted(name for name in sent[0] if name.lower().startswith("x-amz-checksum")))
    lengths = {"CRC32": 4, "CRC32C": 4, "CRC64NVME": 8, "SHA1": 20, "SHA256": 32}
    for algorithm, length in lengths.items():
        try:
            s3.put_object(Bucket=bucket, Key="sum", Body=b"body", ChecksumAlgorithm=algorithm)
        except MissingDependencyException:
            print(f"{algorithm} is computed with botocore[crt] only; a wrong one is sent all the same")
        wrong = base64.b64encode(bytes(length)).decode()
        refused("BadDigest", s3.put_object, Bucket=bucket, Key="sum", Body=b"body", **{f"Checksum{algorithm}": wrong})
    assert s3.head_object(Bucket=bucket, Key="sum")["ETag"].strip('"') == hashlib.md5(b"body").hexdigest()


@check("what is not here is refused by name, and nothing is done")
def _():
    s3.put_object(Bucket=bucket, Key="kept", Body=b"kept")
    of_object, tags = {"Bucket": bucket, "Key": "kept"}, {"TagSet": [{"Key": "a", "Value": "b"}]}
    calls = [
        (s3.put_object_tagging, {**of_object, "Tagging": tags}),
        (s3.get_object_tagging, of_object),
        (s3.delete_object_tagging, of_object),
        (s3.get_object_acl, of_object),
        (s3.get_object_attributes, {**of_object, "ObjectAttributes": ["ETag"]}),
        (s3.get_object, {**of_object, "VersionId": "1"}),
        (s3.delete_object, {**of_object, "VersionId": "1"}),
        (s3.get_bucket_versioning, {"Bucket": bucket}),
        (s3.list_multipart_uploads, {"Bucket": bucket}),
    ]
    for call, parameters in calls:
        refused("NotImplemented", call, **parameters)
    assert s3.get_object(**of_object)["Body"].read() == b"kept"
    form = s3.generate_presigned_post(bucket, "form")
    boundary = {"Content-Type": "multipart/form-data; boundary=x"}
    status, text, _ = plain("POST", form["url"] + "?", b"--x--", headers=boundary)
    assert status == 501 and b"presign a PUT" in text, (status, text)
    refused("InvalidRequest", client(signature_version="s3").list_objects_v2, Bucket=bucket)


@check("regions, styles, keys and clocks")
def _():
    assert client(region="us-east-1").list_objects_v2(Bucket=bucket, MaxKeys=1)["KeyCount"] == 1
    refused("InvalidAccessKeyId", client(key_id="AKIANOBODY").list_objects_v2, Bucket=bucket)
    port = urllib.parse.urlsplit(endpoint).port
    status, text, _ = plain("GET", f"{endpoint}/x", host=f"{bucket}.localhost:{port}")
    assert status == 403 and b"path style" in text, (status, text)

    def off_by(minutes):
        stamp = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)
        request = AWSRequest("GET", f"{endpoint}/{bucket}?list-type=2", headers={"x-amz-content-sha256": "UNSIGNED-PAYLOAD"})
        with unittest.mock.patch("botocore.auth.get_current_datetime", lambda *_: stamp, create=True):
            S3SigV4Auth(Credentials(key_id, secret), "s3", "EUROPE-WEST3").add_auth(request)
        return plain("GET", request.url, headers=dict(request.headers.items()))

    assert off_by(0)[0] == 200
    for minutes in [-20, 20]:
        status, text, _ = off_by(minutes)
        assert status == 403 and b"RequestTimeTooSkewed" in text, (minutes, status, text)


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
