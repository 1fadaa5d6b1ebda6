"""Hosts that share a Redis share the count of requests."""

from analyzer.services.ratecounts import RedisCounts


def test_two_hosts_count_together_and_redis_forgets(redis_url: str) -> None:
    one, other = RedisCounts(redis_url), RedisCounts(redis_url)
    assert [each.add("somebody", 7, 60) for each in (one, other, one)] == [1, 2, 3]
    assert other.add("somebody", 60, 120) == 1
    assert 0 < one._redis.ttl("layersite-rate:60:somebody") <= 54
