"""The tests by name: @test() puts a function on the list that run.py runs."""

TESTS = []


class Test:
    def __init__(self, function, site, serial, alone):
        self.function, self.site = function, site
        self.serial, self.alone = serial, alone
        module = function.__module__.removeprefix("test_")
        self.name = f"{module}.{function.__name__}"


def test(site="main", serial=False, alone=False):
    """`site`: the group whose daemon is shared, or None. `serial`: not beside
    others of its site, because it changes or counts what they share.
    `alone`: beside nothing, because it measures or strains the machine."""
    def add(function):
        TESTS.append(Test(function, site, serial, alone))
        return function
    return add
