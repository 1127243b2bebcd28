"""The Web API: a module for each family of methods, and what they share."""
