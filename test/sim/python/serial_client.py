"""pyserial at a door. usage: serial_client.py URL; prints what it saw, a line each."""
import sys
import time

import serial

port = serial.serial_for_url(sys.argv[1], baudrate=115200, timeout=5)


def ask(command):
    port.write(command + b"\r")
    answer = port.read_until(b"OK\r\n")
    print(command.decode(), answer.decode().split())


def until(condition, what):
    end = time.time() + 5
    while not condition():
        if time.time() > end:
            raise SystemExit("no " + what)
        time.sleep(0.002)


def pulse(what):
    """how long RI is low, ms, in steps of 10"""
    print(what, flush=True)
    until(lambda: port.ri, "RI")
    start = time.time()
    until(lambda: not port.ri, "end of RI")
    return round((time.time() - start) * 100) * 10


ask(b"ATE0")
ask(b"ATI")
if sys.argv[1].startswith("rfc2217"):
    print("cts", port.cts, "dsr", port.dsr, "dcd", port.cd, "ri", port.ri)
    # a rate that is not the modem's
    port.baudrate = 9600
    port.write(b"AT\r")
    time.sleep(0.2)
    print("9600", b"OK" in port.read(port.in_waiting))
    port.baudrate = 115200
    port.reset_input_buffer()
    ask(b"AT+CSCLK=1")
    # asleep: not heard, until DTR is low
    port.dtr = False
    time.sleep(1.2)
    port.timeout = 0.3
    port.write(b"AT\r")
    print("asleep", port.read(10))
    port.dtr = True
    time.sleep(0.1)
    port.timeout = 5
    ask(b"AT")
    port.send_break(0.02)
    time.sleep(0.1)
    port.reset_input_buffer()
    port.write(b"\r")
    ask(b"AT")
    ask(b"AT+CNMI=2,1")
    width = pulse("MESSAGE")
    print("message", 60 <= width <= 250)
    port.reset_input_buffer()
    width = pulse("CALL")
    print("call", width)
    port.reset_input_buffer()
    ask(b"AT&C1")
    ask(b"AT+CIPMODE=1")
    port.write(b"AT+CIPSTART=\"TCP\",\"echo.example\",7\r")
    until(lambda: port.cd, "DCD")
    time.sleep(0.1)
    port.reset_input_buffer()
    port.write(b"\xff\x00\r\x00\n\xfe")
    print("data", port.read(6))
    print("CLOSE", flush=True)
    until(lambda: not port.cd, "end of DCD")
    print("dcd", port.cd)
port.close()
