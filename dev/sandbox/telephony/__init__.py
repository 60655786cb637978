"""What the simulated telephone providers share: a scaled clock, who answers, faults, callbacks, and the truth."""
