"""A draft belongs to whoever may do the work."""

from __future__ import annotations


def test_is_shown_only_to_whoever_may_do_the_work(council):
    council.open_case()
    [item] = council.work("draft_care_plan")
    path = f"/work-items/{item['id']}"
    draft = {"answers": {"text": "Half a thought"}}

    council.call("PUT", f"{path}/draft", json=draft)

    assert council.call("GET", path)["form"]["values"]["text"] == "Half a thought"
    assert "text" not in council.call("GET", path, role="team_manager")["form"]["values"]
