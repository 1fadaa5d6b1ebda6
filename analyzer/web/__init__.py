"""Pages. Whatever part of it is imported first: the words of its addresses are known by then."""

from analyzer.web.converters import register

register()
