"""A mall whose every figure is invented, for trying Atrium out and for testing it against a known truth.

`docs/demo-mall.md` states every assumption. The truth goes into the site's `truth/` folder and nowhere else.
"""
