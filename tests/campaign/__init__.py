"""The campaign: what a release must survive, in sizes for CI and for a release."""
