"""All addresses of the API; routes, checks, description and documentation are made of this."""

from __future__ import annotations

from earmark.web.api import audio, film, jobs, labels, recordings, search, status
from earmark.web.api.params import (
    END,
    EXPLAIN,
    ID,
    KEYWORDS,
    LATEST,
    LIMIT,
    LIMITS,
    OFFSET,
    PATH,
    POINTS,
    QUERY,
    START,
    UNSURE,
    WISH,
)
from earmark.web.endpoint import Endpoint, Param
from earmark.web.metrics import MEDIA as METRICS

PAGE = (LIMIT, OFFSET, *WISH, EXPLAIN)
SPAN = (START, END)
EXAMPLE_ID = Param(name="id", does="the id of a recording", longest=30)
FORMAT = Param(name="format", does="for which program", choices=tuple(search.MEDIA), default="csv")
RANKS = Param(name="ranks", does="these hits alone", kind="array", least=1, most=LIMITS.deep)
FILTER = Param(
    name="filter", does="filters, as in a query: in:field longer:5s", longest=LIMITS.query
)
AFTER = Param(
    name="after", does="go on behind `next_after` of the page before", kind="integer",
    default=0, least=0,
)  # fmt: skip
SOUND = Param(
    name="format", choices=audio.FORMATS, default="original",
    does="original: as it is, or cut without loss; playable: WAV if browsers do not play it",
)  # fmt: skip
FILM = Param(
    name="format", choices=film.FORMATS, default="original",
    does="original: as it is, or cut in its own kind of file; playable: what browsers may play",
)  # fmt: skip
AT = Param(
    name="at", does="the moment, in seconds", kind="number", default=0.0, least=0.0, most=LATEST,
    example=1.5,
)  # fmt: skip
FRAME_WIDTH = Param(
    name="width", does="pixels at most", kind="integer", default=320, least=16, most=LIMITS.wide
)
DOWNLOAD = Param(name="download", does="to be kept, not played", kind="boolean", default=False)
PARTS = Param(
    name="parts", choices=("none", "terms", "words"), default="none",
    does="curves of the parts of the query as well, or of each word too",
)  # fmt: skip
JOB = Param(
    name="id", does="the id of a run", required=True, longest=40, example="0a1b2c3d4e5f6a7b"
)
WIDTH = Param(name="width", does="pixels", kind="integer", default=800, least=16, most=LIMITS.wide)
HEIGHT = Param(name="height", does="pixels", kind="integer", default=96, least=16, most=LIMITS.high)
ONE = "/recordings/{id}"
FILE_ERRORS = (400, 403, 404, 413, 422, 503)

ENDPOINTS = (
    Endpoint(
        method="GET", path="/search", handler=search.search, gives="Hits",
        does="find recordings, and the moment in each, with words",
        params=(QUERY, KEYWORDS, *PAGE), errors=(400, 403, 404, 409, 413, 422, 503),
    ),
    Endpoint(
        method="GET", path="/similar", handler=search.similar, gives="Hits",
        does="find what sounds like a recording of the library, or like a stretch of it",
        params=(EXAMPLE_ID, PATH, *SPAN, *PAGE), errors=(400, 403, 404, 409, 413, 422, 503),
    ),
    Endpoint(
        method="POST", path="/similar", handler=search.similar_to_upload, gives="Hits",
        does="find what sounds like a file that is sent",
        params=(*SPAN, *PAGE), body="upload", errors=(400, 408, 413, 415, 422, 503),
    ),
    Endpoint(
        method="GET", path="/explain", handler=search.explain, gives="Explanation",
        does="say how a recording fares with a query, and why",
        params=(QUERY, ID, KEYWORDS, *WISH), errors=(400, 403, 404, 409, 413, 422, 503),
    ),
    Endpoint(
        method="GET", path="/export", handler=search.export,
        does="the hits of a query as a file for another program",
        params=(QUERY, FORMAT, RANKS, LIMIT, KEYWORDS, *WISH),
        media=tuple(dict.fromkeys(media for media, _ in search.MEDIA.values())),
        errors=(400, 403, 404, 409, 413, 422, 503),
    ),
    Endpoint(
        method="POST", path="/export", handler=search.export_of_upload, body="upload",
        does="what sounds like a file that is sent, as a file for another program",
        params=(*SPAN, FORMAT, RANKS, LIMIT, *WISH),
        media=tuple(dict.fromkeys(media for media, _ in search.MEDIA.values())),
        errors=(400, 408, 413, 415, 422, 503),
    ),
    Endpoint(
        method="GET", path="/recordings", handler=recordings.recordings, gives="Recordings",
        does="list recordings, a page at a time, or the one with a path",
        params=(FILTER, PATH, LIMIT, AFTER), errors=(400, 404, 503),
    ),
    Endpoint(
        method="GET", path=ONE, handler=recordings.recording, gives="Recording",
        does="what is known of one recording", params=(ID,), errors=(400, 404, 503),
    ),
    Endpoint(
        method="GET", path=f"{ONE}/moments", handler=recordings.moments, gives="Moments",
        does="the moments of one recording, and how well it matches from beginning to end",
        params=(ID, QUERY, LIMIT, UNSURE, PARTS, POINTS),
        errors=(400, 403, 404, 409, 413, 422, 503),
    ),
    Endpoint(
        method="GET", path=f"{ONE}/description", handler=recordings.description,
        gives="Description", does="what is heard in one recording, in plain words, and when",
        params=(ID,), errors=(400, 404, 409, 422, 503),
    ),
    Endpoint(
        method="GET", path=f"{ONE}/audio", handler=audio.audio,
        does="the sound: as it is (with ranges), cut, or converted while it is sent",
        params=(ID, SOUND, *SPAN, DOWNLOAD), media=("audio/*", "application/octet-stream"),
        errors=(*FILE_ERRORS, 416),
    ),
    Endpoint(
        method="GET", path=f"{ONE}/peaks", handler=audio.peaks, gives="Peaks",
        does="the waveform: the lowest and the highest sample of each step",
        params=(ID, *SPAN, POINTS), errors=FILE_ERRORS,
    ),
    Endpoint(
        method="GET", path=f"{ONE}/spectrogram", handler=audio.picture,
        does="the spectrogram as a PNG, low sounds at the bottom",
        params=(ID, *SPAN, WIDTH, HEIGHT), media=("image/png",), errors=FILE_ERRORS,
    ),
    Endpoint(
        method="GET", path=f"{ONE}/frame", handler=film.frame,
        does="the picture of a film at a moment, as a JPEG",
        params=(ID, AT, FRAME_WIDTH), media=("image/jpeg",), errors=FILE_ERRORS,
    ),
    Endpoint(
        method="GET", path=f"{ONE}/video", handler=film.video,
        does="the film: as it is (with ranges), or a stretch of it, without encoding anything",
        params=(ID, FILM, *SPAN, DOWNLOAD), media=("video/*", "application/octet-stream"),
        errors=(*FILE_ERRORS, 409, 416),
    ),
    Endpoint(
        method="GET", path="/labels", handler=labels.all_labels, gives="Labels",
        does="the queries of which hits were judged, and how many", errors=(400, 404, 500, 503),
    ),
    Endpoint(
        method="POST", path="/labels", handler=labels.judge, gives="Label", body="Verdict",
        does="keep whether a hit is right for a query",
        errors=(400, 403, 404, 408, 413, 415, 422, 500, 503),
    ),
    Endpoint(
        method="GET", path="/labels/hits", handler=labels.hits_to_judge, gives="LabelHits",
        does="the first hits of a query, also below the line, and what was said of each",
        params=(QUERY, LIMIT), errors=(400, 403, 404, 409, 413, 422, 500, 503),
    ),
    Endpoint(
        method="GET", path="/jobs", handler=jobs.all_jobs, gives="Jobs",
        does="the last index runs, the newest first", errors=(400, 403),
    ),
    Endpoint(
        method="POST", path="/jobs", handler=jobs.start_job, gives="Job", body="JobWish",
        does="bring the library up to date with its folders, or with some of them",
        status=202, errors=(400, 403, 408, 409, 413, 415, 503),
    ),
    Endpoint(
        method="GET", path="/jobs/{id}", handler=jobs.one_job, gives="Job",
        does="how a run stands", params=(JOB,), errors=(400, 403, 404),
    ),
    Endpoint(
        method="DELETE", path="/jobs/{id}", handler=jobs.cancel_job, gives="Job",
        does="cancel a run; what was finished is kept", params=(JOB,), status=202,
        errors=(400, 403, 404),
    ),
    Endpoint(
        method="GET", path="/jobs/{id}/events", handler=jobs.follow_job,
        does="how a run stands whenever that changes: server-sent events",
        params=(JOB,), media=("text/event-stream",), errors=(400, 403, 404),
    ),
    Endpoint(
        method="GET", path="/status", handler=status.status, gives="Status",
        does="what the library holds, and what this server does", errors=(400, 503),
    ),
    Endpoint(
        method="GET", path="/failed", handler=status.failed, gives="Failed",
        does="the files in which nothing could be heard, with the reason of each",
        params=(LIMIT, OFFSET), errors=(400, 503),
    ),
    Endpoint(
        method="GET", path="/health", handler=status.health, gives="Health",
        does="whether the server answers; needs no token", errors=(400,),
    ),
    Endpoint(
        method="GET", path="/metrics", handler=status.metrics,
        does="counts and times for Prometheus", media=(METRICS,), errors=(400, 503),
    ),
)  # fmt: skip
