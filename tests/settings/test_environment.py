"""What the environment sets."""

import pytest

from skillmeat.errors import ServerError
from skillmeat.settings import get_data_dir


@pytest.mark.parametrize("given", ["~no_such_user/server", ""])
def test_a_folder_in_a_home_that_does_not_exist_is_refused(
    monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    for variable in ("HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("pwd.getpwuid", dict[int, object]().__getitem__)
    monkeypatch.setenv("SKILLMEAT_DATA_DIR", given)

    with pytest.raises(ServerError, match=f"for {given or 'this user'}: set SKILLMEAT_DATA_DIR"):
        get_data_dir()
