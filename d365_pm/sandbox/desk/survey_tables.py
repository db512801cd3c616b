"""Survey invitations and answers as rows of Customer Voice."""

import numpy as np
import pyarrow as pa

from d365_pm.sandbox.desk.activity_tables import activity
from d365_pm.sandbox.desk.arrow import moments, pick, same, whole
from d365_pm.sandbox.desk.calendar import local_midnights
from d365_pm.sandbox.desk.codes import INVITE_PREFIX, Invite
from d365_pm.sandbox.desk.draft import Draft, record
from d365_pm.sandbox.desk.floor import Floor
from d365_pm.sandbox.desk.keys import Keys
from d365_pm.sandbox.desk.numbers import NONE, IntArray
from d365_pm.sandbox.desk.people import ADMINISTRATOR, CUSTOMER_VOICE

_UNSENT = np.array([Invite.QUEUED, Invite.CREATED, Invite.DELAYED])
_PROMOTER, _PASSIVE = 9, 7


def questions(floor: Floor, keys: Keys) -> list[Draft]:
    """Invitations and answers, where there is Customer Voice."""
    return [surveyinvite(floor, keys), surveyresponse(floor, keys)] if floor.habits.surveys else []


def surveyinvite(floor: Floor, keys: Keys) -> Draft:
    """Invitations with what became of them."""
    rows = floor.invites
    is_open = np.isin(rows["status"], _UNSENT)
    columns = activity(
        floor,
        keys,
        "msfp_surveyinvite",
        case=rows["case"],
        created=rows["at"],
        creator=rows["actor"],
        modified=rows["modified"],
        subject=same("Pesquisa de satisfação", rows.count),
        state=np.where(is_open, 0, 1),
    )
    columns |= {
        "statuscode": whole(np.where(is_open, 1, 2)),
        "msfp_invitestatus": whole(INVITE_PREFIX + rows["status"]),
        "msfp_channel": same(INVITE_PREFIX + 1, rows.count),
        "msfp_invitesentdate": moments(local_midnights(np.where(is_open, NONE, rows["at"]))),
        "_msfp_surveyid_value": keys.row("msfp_survey", np.zeros(rows.count, dtype=np.int64)),
    }
    return Draft("msfp_surveyinvite", columns, rows["modified"])


def surveyresponse(floor: Floor, keys: Keys) -> Draft:
    """Answers; the satisfaction metrics come as a JSON list."""
    rows = floor.responses
    columns = activity(
        floor,
        keys,
        "msfp_surveyresponse",
        case=rows["case"],
        created=rows["at"],
        creator=np.full(rows.count, CUSTOMER_VOICE),
        modified=rows["at"],
        subject=same("Resposta à pesquisa de satisfação", rows.count),
        state=np.ones(rows.count, dtype=np.int64),
    )
    columns |= {
        "statuscode": same(2, rows.count),
        "msfp_startdate": moments(local_midnights(rows["at"])),
        "msfp_submitdate": moments(local_midnights(rows["at"])),
        "msfp_npsscore": whole(rows["nps"]),
        "msfp_sentiment": whole(INVITE_PREFIX + np.select([rows["score"] >= 40, rows["score"] >= 30], [0, 1], 2)),
        "msfp_satisfactionmetricvalue": _metrics(keys, rows["score"], rows["nps"]),
        "_msfp_surveyinviteid_value": keys.row("msfp_surveyinvite", rows["invite"]),
        "_msfp_surveyid_value": keys.row("msfp_survey", np.zeros(rows.count, dtype=np.int64)),
    }
    return Draft("msfp_surveyresponse", columns, rows["at"])


def surveys(floor: Floor, keys: Keys) -> list[Draft]:
    """The survey and its two metrics, where there is Customer Voice."""
    if not floor.habits.surveys:
        return []
    started = np.full(2, floor.start)
    metric = {
        "msfp_satisfactionmetricid": keys.of("msfp_satisfactionmetric", 2),
        "msfp_name": pa.array(["Satisfação com o atendimento", "Recomendação"]),
        "msfp_type": pa.array([INVITE_PREFIX + 1, INVITE_PREFIX]),
        "msfp_minimumvalue": pa.array([1, -100]),
        "msfp_maximumvalue": pa.array([5, 100]),
        "statecode": same(0, 2),
        "statuscode": same(1, 2),
    } | record(keys, started, ADMINISTRATOR, started, ADMINISTRATOR)
    survey = {
        "msfp_surveyid": keys.of("msfp_survey", 1),
        "msfp_name": same("Pesquisa após o atendimento", 1),
        "statecode": same(0, 1),
        "statuscode": same(1, 1),
    } | record(keys, started[:1], ADMINISTRATOR, started[:1], ADMINISTRATOR)
    return [Draft("msfp_satisfactionmetric", metric, started), Draft("msfp_survey", survey, started[:1])]


def _metrics(keys: Keys, score: IntArray, nps: IntArray) -> pa.Array:
    """One text per pair of scores, chosen by each answer."""
    csat_id, nps_id = keys.of("msfp_satisfactionmetric", 2).to_pylist()
    texts = [_metric_text(csat_id, nps_id, tenths, points) for tenths in range(51) for points in range(11)]
    return pick(texts, score * 11 + nps)


def _metric_text(csat_id: str, nps_id: str, tenths: int, points: int) -> str:
    value = f"{tenths / 10:g}"
    kind = "promoter" if points >= _PROMOTER else "passive" if points >= _PASSIVE else "detractor"
    return (
        f'[{{"id":"{csat_id}","type":"csat","value":"{value}","decimalvalue":{value}}},'
        f'{{"id":"{nps_id}","type":"nps","value":"{kind}","decimalvalue":{points}}}]'
    )
