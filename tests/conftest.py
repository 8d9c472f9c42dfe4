"""Settings of all tests."""

import os

import pytest
from hypothesis import settings

pytest.register_assert_rewrite("tests.browser.visit")
os.environ["HF_HUB_OFFLINE"] = "1"
# Machines are shared: how long one example takes says nothing about the code.
settings.register_profile("shared", deadline=None)
settings.load_profile("shared")
