"""Block Kit: what Slack would refuse of blocks and views."""
