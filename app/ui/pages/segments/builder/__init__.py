"""The builder: a rule as a tree of conditions and groups that a person puts together by hand."""
