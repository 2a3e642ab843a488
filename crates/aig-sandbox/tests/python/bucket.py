"""The organization's bucket with any S3 client: what the SDK's own commands do with Google's host alone."""

import os

import boto3
from botocore.config import Config


def client_of(organization):
    """Keys come from the organization of `/me`, the place from the environment."""
    return boto3.client(
        "s3",
        endpoint_url=os.environ["AIGNOSTICS_BUCKET_ENDPOINT"],
        aws_access_key_id=organization.aignostics_bucket_hmac_access_key_id,
        aws_secret_access_key=organization.aignostics_bucket_hmac_secret_access_key,
        region_name="EUROPE-WEST3",
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )
