"""What kind of day it is, and which past day it is fair to compare it with."""
