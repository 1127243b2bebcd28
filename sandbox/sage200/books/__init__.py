"""The books: companies, customers, what was posted and ordered, and the worlds that tests and the demo begin with."""
