"""The main job with the library of the Python SDK, unchanged, against a sandbox named by the environment."""

import base64
import pathlib
import sys

import bucket as bucket_client
import google_crc32c
from aignostics.platform import Client, InputArtifact, InputItem, Run

slides = pathlib.Path(sys.argv[1])
results = pathlib.Path(sys.argv[2])
client = Client()
organization = client.me().organization
bucket = organization.aignostics_bucket_name
s3 = bucket_client.client_of(organization)


def item(path, width, height):
    s3.upload_file(str(path), bucket, path.name)
    checksum = google_crc32c.Checksum(path.read_bytes()).digest()
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": path.name}, ExpiresIn=3600)
    metadata = {
        "checksum_base64_crc32c": base64.b64encode(checksum).decode(),
        "width_px": width,
        "height_px": height,
        "resolution_mpp": 0.5,
        "media_type": "image/tiff",
    }
    artifact = InputArtifact(name="whole_slide_image", download_url=url, metadata=metadata)
    return InputItem(external_id=path.name, input_artifacts=[artifact])


items = [item(slides / "tissue.tiff", 800, 600), item(slides / "blank.tiff", 500, 400)]
run = client.runs.submit("test-app", items, application_version="1.0.0", custom_metadata={"study": "python"})
run.download_to_folder(results, sleep_interval=1, print_status=False)
ended = {result.external_id: result for result in run.results(nocache=True)}
assert ended["tissue.tiff"].termination_reason == "SUCCEEDED", ended
assert ended["blank.tiff"].error_code == "no_tissue", ended
assert len([path for path in results.rglob("*") if path.is_file()]) == 3

found = list(client.runs.list_data(custom_metadata='$.study ? (@ == "python")'))
assert [data.run_id for data in found] == [run.run_id], found
token = client.share_tokens.create()
grant = run.grant_access("share_token", token.share_token_id)
assert [shared.grant_id for shared in run.list_share_grants()] == [grant.grant_id]
by_token = Run.for_run_id(run.run_id, share_token=token.share_token)
assert by_token.details().run_id == run.run_id and len(list(by_token.results())) == 2
assert [listed.share_token_id for listed in client.share_tokens.list(run_id=run.run_id)] == [token.share_token_id]
grant.revoke()
token.revoke()
assert not list(client.share_tokens.list(run_id=run.run_id, nocache=True)) and not list(run.list_share_grants(nocache=True))
assert client.versions.documents("he-tme", "1.1.0").read_content("release-notes.md")
print("python sdk: done")
