"""The Coherent Data Set: Synthea's bundles, brain MR, genetic panels and tables of 1,278 made-up patients."""
