"""The soak: all kinds of load and faults at once; counts stay exact and pages cheap."""
