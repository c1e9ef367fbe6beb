"""Property-based tests: as many examples as fit into a quick run, and no deadline to flake on."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "domain",
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
settings.load_profile("domain")
