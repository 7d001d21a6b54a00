# SPDX-License-Identifier: GPL-2.0
"""Tests over the two-host lab; ../run_lab_tests runs them."""
