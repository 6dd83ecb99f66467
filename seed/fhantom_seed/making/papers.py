"""Objects without pixels: an encapsulated PDF and a 12-lead ECG."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from fhantom_seed.making.base import code, codes, item, new_object, part10, put
from fhantom_seed.plan import PlannedSeries, PlannedStudy

PDF_LINES = (
    "Macular thickness, right eye",
    "",
    "Central subfield    438 um",
    "Cube average        331 um",
    "Cube volume        11.9 mm3",
    "",
    "Synthetic, made by fhantom. Nobody was examined.",
)

SAMPLES_PER_SECOND, SECONDS, BEATS_PER_SECOND = 500, 10, 1.2
# Heart vector during a beat: time in it (s), width (s), and the potentials (mV) to left, down and front
WAVES = (
    (0.16, 0.025, 0.06, 0.12, 0.03),
    (0.245, 0.009, -0.10, -0.05, 0.18),
    (0.27, 0.012, 0.95, 0.85, -0.25),
    (0.30, 0.012, -0.15, -0.22, -0.75),
    (0.48, 0.050, 0.22, 0.20, 0.14),
)
# MDC code, name (PS3.16 CID 3001), and how much of left, down and front each lead sees
LEADS = (
    ("2:1", "Lead I", 1.0, 0.0, 0.0),
    ("2:2", "Lead II", 0.5, 0.87, 0.0),
    ("2:61", "Lead III", -0.5, 0.87, 0.0),
    ("2:62", "aVR, augmented voltage, right", -0.75, -0.43, 0.0),
    ("2:63", "aVL, augmented voltage, left", 0.75, -0.43, 0.0),
    ("2:64", "aVF, augmented voltage, foot", 0.0, 0.87, 0.0),
    ("2:3", "Lead V1", -0.35, 0.05, 1.0),
    ("2:4", "Lead V2", 0.05, 0.1, 1.1),
    ("2:5", "Lead V3", 0.5, 0.2, 0.9),
    ("2:6", "Lead V4", 0.9, 0.25, 0.5),
    ("2:7", "Lead V5", 1.0, 0.25, 0.1),
    ("2:8", "Lead V6", 0.9, 0.2, -0.15),
)


def pdf(lines: tuple[str, ...]) -> bytes:
    """One A4 page of Helvetica, written by hand so that no date or tool name is in it."""
    text = "BT /F1 14 Tf 60 770 Td 22 TL " + " ".join(f"({line}) Tj T*" for line in lines) + " ET"
    objects = (
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        "/Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(text)} >>\nstream\n{text}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    out, offsets = "%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    start, size = len(out), len(objects) + 1
    out += f"xref\n0 {size}\n0000000000 65535 f \n{table}"
    out += f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    return out.encode("ascii")


def make_pdf(study: PlannedStudy, series: PlannedSeries) -> Iterator[bytes]:
    """An encapsulated PDF (PS3.3 A.45.1)."""
    document = pdf(PDF_LINES)
    for instance in series.instances:
        dataset = new_object(study, series, instance)
        put(
            dataset,
            ConversionType="SYN",
            AcquisitionDateTime=dataset.StudyDate + dataset.StudyTime,
            BurnedInAnnotation="NO",
            DocumentTitle="Macular thickness report",
            ConceptNameCodeSequence=Sequence(),
            MIMETypeOfEncapsulatedDocument="application/pdf",
            EncapsulatedDocumentLength=len(document),
            EncapsulatedDocument=document + b"\0" * (len(document) % 2),
        )
        yield part10(dataset)


def heart_vector() -> NDArray[np.float64]:
    """The potentials to left, down and front (mV), sample by sample: sums of bell curves, beat by beat."""
    seconds = np.arange(SAMPLES_PER_SECOND * SECONDS) / SAMPLES_PER_SECOND
    within = seconds % (1 / BEATS_PER_SECOND)
    vector = np.zeros((len(seconds), 3))
    for when, width, *potentials in WAVES:
        bell = np.exp(-(((within - when) / width) ** 2) / 2)
        vector += bell[:, None] * np.array(potentials)
    drift = np.sin(2 * np.pi * seconds * 0.25) * 0.03
    return vector + drift[:, None]


def make_ecg(study: PlannedStudy, series: PlannedSeries) -> Iterator[bytes]:
    """Ten seconds of a 12-lead ECG (PS3.3 A.34.3), one microvolt a unit."""
    views = np.array([lead[2:] for lead in LEADS])
    microvolts = np.rint(heart_vector() @ views.T * 1000).astype("<i2")
    for instance in series.instances:
        dataset = new_object(study, series, instance)
        waveform = item(
            WaveformOriginality="ORIGINAL",
            NumberOfWaveformChannels=len(LEADS),
            NumberOfWaveformSamples=len(microvolts),
            SamplingFrequency=SAMPLES_PER_SECOND,
            MultiplexGroupLabel="RHYTHM",
            ChannelDefinitionSequence=[_channel(*lead[:2]) for lead in LEADS],
            WaveformBitsAllocated=16,
            WaveformSampleInterpretation="SS",
            WaveformData=microvolts.tobytes(),
        )
        waveform["WaveformData"].VR = "OW"
        put(
            dataset,
            AcquisitionDateTime=dataset.StudyDate + dataset.StudyTime,
            AcquisitionContextSequence=Sequence(),
            WaveformSequence=[waveform],
        )
        yield part10(dataset)


def _channel(value: str, meaning: str) -> Dataset:
    """A channel definition (PS3.3 C.10.9.1.4)."""
    return item(
        ChannelSourceSequence=Sequence([code(value, "MDC", meaning)]),
        ChannelSensitivity=1,
        ChannelSensitivityUnitsSequence=codes("uV", "UCUM", "microvolt"),
        ChannelSensitivityCorrectionFactor=1,
        ChannelBaseline=0,
        ChannelSampleSkew=0,
        WaveformBitsStored=16,
        FilterLowFrequency=0.05,
        FilterHighFrequency=150,
    )
