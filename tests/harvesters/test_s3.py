"""Buckets that ask who is there: moto's server, which checks every signature. Listings: see test_web_folder.py."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
import requests
from moto.server import ThreadedMotoServer

from ckanext.digitalcity.core.errors import Fatal, RecipeError
from ckanext.digitalcity.core.model import Recipe, Ref
from ckanext.digitalcity.harvesters.http import Http, HttpLimits
from ckanext.digitalcity.harvesters.s3 import Bucket

READ = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'


class Store:
    """A bucket called ``air`` and a user who may read it."""

    def __init__(self, address: str) -> None:
        self.address = address
        facts: Any = {
            "endpoint_url": address,
            "region_name": "eu-west-2",
            "aws_access_key_id": "x",
            "aws_secret_access_key": "x",
        }
        iam, self.s3 = boto3.client("iam", **facts), boto3.client("s3", **facts)
        iam.create_user(UserName="council")
        iam.put_user_policy(UserName="council", PolicyName="read", PolicyDocument=READ)
        key = iam.create_access_key(UserName="council")["AccessKey"]
        self.name, self.secret = key["AccessKeyId"], key["SecretAccessKey"]
        self.s3.create_bucket(Bucket="air", CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})

    def put(self, key: str, text: str) -> None:
        self.s3.put_object(Bucket="air", Key=key, Body=text.encode())


def check_signatures(address: str, checked: bool) -> None:
    """Tells the server after how many further requests it begins to check who asks."""
    requests.post(f"{address}/moto-api/reset-auth", data=b"0" if checked else b"1000000", timeout=10)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def store(address: str) -> Store:
    check_signatures(address, False)
    requests.post(f"{address}/moto-api/reset", timeout=10)
    return Store(address)


@pytest.fixture
def source(store: Store) -> Callable[..., Bucket]:
    """Makes the source, from now on with signatures checked."""

    def make(secret: str = "", path: str = "/air/", **options: Any) -> Bucket:
        check_signatures(store.address, True)
        carried = base64.b64encode(f"{store.name}:{secret or store.secret}".encode()).decode()
        http = Http(
            allowed=("127.0.0.0/8",),
            limits=HttpLimits(retries=0),
            secrets={store.address: {"Authorization": f"Basic {carried}"}},
        )
        options = {"region": "eu-west-2", **options}
        return Bucket(Recipe("air", "Air", "s3", store.address + path, "aberfal", options=options), http)

    return make


def refs(source: Bucket) -> dict[str, Ref]:
    return {ref.remote_id: ref for ref in source.gather()}


def bring(source: Bucket, ref: Ref) -> dict[str, bytes]:
    return {file.key: b"".join(file.read()) for file in source.fetch(ref, None).files}


def test_a_bucket_is_read_with_the_key_that_is_kept_for_it(store: Store, source: Callable[..., Bucket]) -> None:
    store.put("a.csv", "a\n1\n")
    one = source()
    found = refs(one)
    assert bring(one, found["a.csv"]) == {"a.csv": b"a\n1\n"}
    assert refs(one)["a.csv"].version == found["a.csv"].version is not None


@pytest.mark.parametrize("key", ["ü b.csv", "a+b&c=d.csv", "1/2/(x)~!'*.csv", "50%.csv", "a=b/c;d,e.csv", "x?y#z.csv"])
def test_odd_keys_are_signed_as_they_are_sent(store: Store, source: Callable[..., Bucket], key: str) -> None:
    store.put(key, "a\n2\n")
    one = source(levels=3)
    assert bring(one, refs(one)[key]) == {key: b"a\n2\n"}


def test_only_what_lies_below_the_prefix_is_read(store: Store, source: Callable[..., Bucket]) -> None:
    store.put("air/2026/a b.csv", "a\n")
    store.put("water/a.csv", "a\n")
    assert list(refs(source(path="/air/?prefix=air/2026/"))) == ["a b.csv"]
    assert (
        list(
            refs(
                source(path="/air/?prefix=ai"),
            )
        )
        == []
    )
    assert list(refs(source(path="/air/?prefix=ai", levels=2))) == ["air/2026/a b.csv"]


def test_every_object_of_many_pages_is_listed_once(store: Store, source: Callable[..., Bucket]) -> None:
    for number in range(1_050):
        store.put(f"{number}.csv", "")
    listed = [ref.remote_id for ref in source().gather()]
    assert len(listed) == len(set(listed)) == 1_050


def test_an_empty_bucket_lists_nothing(source: Callable[..., Bucket]) -> None:
    assert refs(source()) == {}


def test_without_the_right_key_a_person_is_needed(store: Store, source: Callable[..., Bucket]) -> None:
    store.put("a.csv", "a\n")
    with pytest.raises(Fatal, match="does not let us in") as caught:
        list(source(secret="wrong").gather())
    assert store.secret not in str(caught.value)


def test_a_bucket_that_is_not_there_needs_a_person(source: Callable[..., Bucket]) -> None:
    with pytest.raises(Fatal, match="nothing at"):
        list(source(path="/nosuch/").gather())


def test_the_secret_is_never_sent(store: Store, source: Callable[..., Bucket], monkeypatch: pytest.MonkeyPatch) -> None:
    store.put("a.csv", "a\n")
    one, sent = source(), []
    send = one.http._session.send
    monkeypatch.setattr(
        one.http._session, "send", lambda request, **more: sent.append(request) or send(request, **more)
    )
    bring(one, refs(one)["a.csv"])
    assert len(sent) > 1
    assert all(
        request.headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=" + store.name) for request in sent
    )
    assert not [request for request in sent if store.secret in str(request.headers)]


@pytest.mark.parametrize(
    ("address", "region"),
    [
        ("https://air.s3.eu-west-2.amazonaws.com/", "eu-west-2"),
        ("https://s3.cn-north-1.amazonaws.com.cn/air/", "cn-north-1"),
        ("https://s3-us-gov-west-1.amazonaws.com/air/", "us-gov-west-1"),
        ("https://air.s3.amazonaws.com/", "us-east-1"),
        ("https://minio.example.org/air/", "us-east-1"),
    ],
)
def test_the_region_is_read_from_the_address(address: str, region: str) -> None:
    http = Http(secrets={address.split("/", 3)[0] + "//" + address.split("/", 3)[2]: {"Authorization": "Basic Yzp4"}})
    Bucket(Recipe("air", "Air", "s3", address, "aberfal"), http)
    (signer,) = http._signers.values()
    assert signer.region == region  # type: ignore[attr-defined]


@pytest.mark.parametrize("value", ["", "EU", 7, "eu west"])
def test_a_region_that_is_none_is_refused(source: Callable[..., Bucket], value: Any) -> None:
    with pytest.raises(RecipeError, match="region"):
        source(region=value)
