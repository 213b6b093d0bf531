"""The tests by name: @test() puts a function on the list that run.py runs."""

TESTS = []


class Test:
    def __init__(self, function, site, alone):
        self.function, self.site, self.alone = function, site, alone
        module = function.__module__.removeprefix("test_")
        self.name = f"{module}.{function.__name__}"


def test(site="main", alone=False):
    """`site`: the group whose daemon is shared, or None. `alone`: not beside
    others, because it measures or strains the machine."""
    def add(function):
        TESTS.append(Test(function, site, alone))
        return function
    return add
