"""The pictures of the documentation, each made from a program that runs."""
