"""Development tools: environment bootstrap, simulators, benchmarks. Nothing here is loaded by the addon."""
