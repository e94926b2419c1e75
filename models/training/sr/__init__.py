"""Shared modules of the QuickSRNet training programs (see ../README.md)."""
