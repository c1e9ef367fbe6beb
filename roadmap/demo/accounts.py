"""The companies that Varnholt sells to, or would like to. All are invented."""

from __future__ import annotations

from typing import NamedTuple

#: Name, industry, region, employees, revenue in millions, field technicians. "-" is what CRM does
#: not say.
_TABLE = """
Ostravik Energie | Energy | Europe | 6200 | 2100 | 1400
Nordhaven Netz | Utilities | Europe | 3100 | 940 | 620
Vltavin Wasser | Utilities | Europe | 4400 | 1250 | 900
Lindqvarn Fernwarme | Energy | Europe | 1900 | 610 | 350
Grimsund Kraft | Energy | Europe | 2700 | 880 | 510
Polderwind | Energy | Europe | 1500 | 720 | 430
Meridel Grid | Utilities | North America | 8800 | 3900 | 2300
Tidewater Mains | Utilities | North America | 2400 | 690 | 640
Northlight Fibre | Utilities | North America | 1750 | 520 | 480
Cascadel Power | Energy | North America | 5100 | 2400 | 1100
Blackmere Gas | Utilities | Europe | 2050 | 770 | 460
Saltmarsh Desalination | Utilities | Middle East | 1200 | 430 | 190
Aurelia Solar Parks | Energy | Europe | 1050 | 390 | 240
Hollowbrook Water | Utilities | North America | 980 | 260 | 210
Ferrandale Transmission | Utilities | South America | 3600 | 1010 | 700
Brandtberg Maschinen | Machinery | Europe | 4100 | 1300 | 380
Castellan Chemie | Chemicals | Europe | 7400 | 3300 | 290
Kestrel Forge | Manufacturing | North America | 2900 | 810 | 220
Ashdown Pumps | Machinery | Europe | 1600 | 340 | 260
Rothwen Presses | Machinery | Europe | 900 | 210 | 160
Okaribe Robotics | Machinery | Asia Pacific | 2200 | 980 | 310
Tarnfell Packaging | Manufacturing | Europe | 1350 | 290 | 90
Palisade Compressors | Machinery | North America | 1150 | 270 | 200
Vireo Plastics | Manufacturing | North America | 1900 | 460 | 60
Dunmarrow Steel | Manufacturing | Europe | 5600 | 2700 | 330
Solenne Aromatics | Chemicals | Europe | 840 | 310 | 40
Kittiwake Turbines | Machinery | Europe | 3300 | 1700 | 540
Greyfriar Bearings | Manufacturing | Europe | 1020 | 230 | 120
Hartsong Elevators | Machinery | North America | 2600 | 640 | 890
Maruyoshi Valves | Machinery | Asia Pacific | 1400 | 380 | -
Halloran Lifts | Facility services | Europe | 1300 | 190 | 720
Pembrey Estates | Real estate | Europe | 640 | 310 | 80
Brightmoor Facilities | Facility services | Europe | 2900 | 260 | 1500
Sycamore Hospitals | Healthcare | North America | 9100 | 2200 | 340
Larkhill Care Homes | Healthcare | Europe | 1700 | 120 | 70
Tallow & Finch Property | Real estate | North America | 420 | 150 | 45
Evergrange Grounds | Facility services | North America | 780 | 60 | 510
Clearpane Cleaning | Facility services | Europe | 3400 | 140 | 2600
Osterholt Heating | Facility services | Europe | 560 | 75 | 300
Veranda Towers | Real estate | Middle East | 350 | 420 | 60
Marlowe Clinics | Healthcare | North America | 2300 | 540 | 110
Stonegate Campus Services | Facility services | North America | 1100 | 95 | 380
Applegarth Refrigeration | Retail services | Europe | 240 | 38 | 130
Bluebonnet Pools | Home services | North America | 110 | 14 | 70
Corvane Alarms | Security services | Europe | 330 | 44 | 190
Dapplewood Stairlifts | Home services | Europe | 180 | 26 | 95
Emberline Chimneys | Home services | Europe | 95 | 9 | 60
Foxglen Pest Control | Home services | North America | 410 | 52 | 280
Gannet Marine Repair | Marine services | Europe | 150 | 21 | 85
Harrowgate Roofing | Construction | North America | 290 | 61 | 170
Inkwell Print Service | Office services | Europe | 210 | 33 | 140
Juniper Vending | Retail services | North America | 370 | 47 | 220
Kingfisher Drains | Home services | Europe | 130 | 17 | 90
Lodestar Lifting Gear | Construction | Europe | 460 | 88 | 210
Millrace Coffee Machines | Retail services | Europe | 160 | 24 | 75
Nettlefold Doors | Construction | Europe | 520 | 92 | 240
Orchard Lane Solar | Home services | North America | 85 | 19 | 50
Pinecrest Generators | - | North America | 270 | - | -
Quarrystone Scales | Retail services | Europe | - | 29 | 64
Redshank Tree Care | Home services | - | 75 | - | 60
Silverlode Assay | Mining services | South America | 620 | 140 | 210
Thistledown Laundry | Retail services | Europe | 48 | 6 | 20
"""


class AccountSeed(NamedTuple):
    """Revenue in whole currency; None where CRM does not say."""

    name: str
    industry: str | None
    region: str | None
    employees: int | None
    revenue: int | None
    technicians: int | None


def _account(line: str) -> AccountSeed:
    cells = [None if cell.strip() == "-" else cell.strip() for cell in line.split("|")]
    name, industry, region, *figures = cells
    employees, millions, technicians = (None if cell is None else int(cell) for cell in figures)
    revenue = None if millions is None else millions * 1_000_000
    return AccountSeed(str(name), industry, region, employees, revenue, technicians)


ACCOUNTS = tuple(_account(line) for line in _TABLE.strip().splitlines())
