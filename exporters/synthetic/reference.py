"""Services, prices, rates and names that events and records are made of."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

# Code, unit, price in VND. The reference data do not know the last one.
SERVICES = (
    ("compute-vm", "hour", "1250.5"),
    ("kubernetes", "hour", "2400"),
    ("managed-db", "hour", "3150.25"),
    ("gpu-h100", "hour", "62500"),
    ("load-balancer", "hour", "410"),
    ("cloud-desktop", "hour", "980"),
    ("waf", "hour", "700"),
    ("support", "hour", "3500"),
    ("object-storage", "GB", "640.125"),
    ("block-storage", "GB", "1530"),
    ("backup", "GB", "455.75"),
    ("cdn", "GB", "250.0625"),
    ("ai-inference", "GB", "77.7"),
    ("iot-hub", "GB", "318"),
)
VND_PER_USD = 25_000
CUSTOMER_RATES = ("2", "3", "5", "8", "10", "12")
PARTNER_RATES = ("5", "7.5", "10", "12.5", "15", "20", "22.25", "30")
OTHER_MOVEMENTS = (
    "grant grant grant grant grant grant coupon coupon coupon coupon coupon refund refund refund "
    "expiry expiry expiry expiry adjustment revaluation"
).split()

BUSINESSES = (
    "Công ty TNHH",
    "Công ty Cổ phần",
    "Cửa hàng",
    "Trường",
    "Bệnh viện",
    "Nhà máy",
    "Khách sạn",
    "Hợp tác xã",
)
NAMES = (
    "Hoa Sen",
    "Bình Minh",
    "Sông Hồng",
    '"Phố Cổ", Hà Nội',
    "Đông Á",
    "Ánh Dương",
    "Trường Sơn",
    "Cửu Long",
    "Mặt Trời",
    "Bạch Đằng",
    "Thiên Ân & Con",
    "Việt Ưu",
    "Hải Đăng",
)
FOCUS_SERVICES = (
    "Virtual Machines",
    "Amazon Elastic Compute Cloud",
    "Cloud Storage",
    "Azure Kubernetes Service",
    "Amazon Simple Queue Service",
)
PAYMENT_METHODS = ("bank_transfer", "card", "momo")

DISCOUNT_KINDS = (
    "running running running running running replaced replaced replaced approved approved "
    "awaiting rejected revoked future expiring expiring"
).split()


def texts(values: Iterable[str]) -> str:
    """A literal list of texts."""
    return "[" + ", ".join("'" + value.replace("'", "''") + "'" for value in values) + "]"


def decimals(values: Iterable[str], kind: str) -> str:
    """A literal list of decimals of one type."""
    return f"cast([{', '.join(values)}] as {kind}[])"


# What the blanks of the queries of all feeds stand for.
BLANKS = {
    "service_codes": texts(code for code, _, _ in SERVICES),
    "service_units": texts(unit for _, unit, _ in SERVICES),
    "service_count": len(SERVICES),
    "known_service_count": len(SERVICES) - 1,
    "vnd_prices": decimals((price for _, _, price in SERVICES), "decimal(9, 4)"),
    "usd_prices": decimals(
        (f"{Decimal(price) / VND_PER_USD:.4f}" for _, _, price in SERVICES), "decimal(9, 4)"
    ),
    "vnd_per_usd": VND_PER_USD,
    "customer_rates": texts(CUSTOMER_RATES),
    "discount_shares": decimals(
        (f"{Decimal(rate) / 100}" for rate in CUSTOMER_RATES), "decimal(2, 2)"
    ),
    "partner_rates": texts(PARTNER_RATES),
    "discount_kinds": texts(DISCOUNT_KINDS),
    "other_movements": texts(OTHER_MOVEMENTS),
    "payment_methods": texts(PAYMENT_METHODS),
    "focus_services": texts(FOCUS_SERVICES),
    "businesses": texts(BUSINESSES),
    "names": texts(NAMES),
}
