"""Tests of documents and exports: what stands in the bytes."""
