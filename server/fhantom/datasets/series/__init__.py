"""Series that a table tells of, as TCIA and IDC publish them: rows, the offline index, and studies without pixels.

rows.rows_of(note, piece) ──► SeriesRow ──► index.Index.select(Selection)
                                               │
registering.register(rows) ──► records without bytes, and the command that fetches these
telling.describe_all(job, known) ──► Patient by collection, ImagingStudy, licence of each study
"""
