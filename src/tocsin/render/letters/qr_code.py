"""A QR code as SVG: the address of the page on which somebody answers."""

from zxingcpp import BarcodeFormat, create_barcode, write_barcode_to_svg


def qr_svg(address: str) -> str:
    """Return the QR code of an address, with its quiet zone, as SVG."""
    made = create_barcode(address, BarcodeFormat.QRCode, ec_level="M")
    svg: str = write_barcode_to_svg(made, add_quiet_zones=True)
    return svg
