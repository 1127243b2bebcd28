"""The demo's panel: what people do inside Sage 200 and at the company's site, the clock, and the guided tour."""
