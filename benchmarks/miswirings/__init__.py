"""The same graph in several libraries, wired wrongly: which type checker sees it?"""
